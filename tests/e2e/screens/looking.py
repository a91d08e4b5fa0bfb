"""Looking at a screen in every way there is: wide and narrow, light and dark, in each language.

A screen is opened once for each language. What a browser changes on a page that is open (its size, its
colours) is changed in place, as it is when one turns a telephone or switches the lights off.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.browser import WIDE, Window
from tests.e2e.screens.untranslated import untranslated
from tests.factories.pseudo import LONGER, RIGHT_TO_LEFT

# What axe says of contrast takes it longer than all the rest. It is asked in light and in dark; what no
# mode leaves out is the contrast that :meth:`Window.faint` measures.
_CONTRAST = ("color-contrast",)

# Samples are written in words of their own.
_ENGLISH = frozenset({"components"})


@dataclass(frozen=True)
class Mode:
    """One way to look at screens."""

    name: str
    size: tuple[int, int] = WIDE
    scheme: Literal["light", "dark"] = "light"
    contrast: Literal["more", "no-preference"] = "no-preference"
    forced: Literal["active", "none"] = "none"

    @property
    def only_colours(self) -> bool:
        """Whether nothing but the colours differs from the first mode."""
        return self.scheme == "dark" or self.contrast == "more" or self.forced == "active"

    def axe(self, window: Window, within: str) -> list[str]:
        """Return what axe finds that it can find only in this mode."""
        if self.name == "light":
            return violations(window.page, within=within)
        if self.name == "dark":
            return violations(window.page, within=within, only=_CONTRAST)
        return [] if self.only_colours else violations(window.page, within=within, but=_CONTRAST)


@dataclass(frozen=True)
class Language:
    """What needs a page of its own, and the modes in which that is looked at."""

    locale: str
    modes: Sequence[Mode]

    @property
    def direction(self) -> str:
        """The direction in which it runs."""
        return "rtl" if self.locale == RIGHT_TO_LEFT else "ltr"


LANGUAGES = [
    Language(
        "en-GB",
        [
            Mode("light"),
            Mode("dark", scheme="dark"),
            Mode("contrast", contrast="more"),
            Mode("forced", scheme="dark", forced="active"),
            Mode("320", size=(320, 640)),
        ],
    ),
    Language("de-DE", [Mode("360", size=(360, 740))]),
    Language(RIGHT_TO_LEFT, [Mode("rtl"), Mode("rtl-360", size=(360, 740))]),
    Language(LONGER, [Mode("longer", size=(1024, 768))]),
]


@dataclass
class Onlooker:
    """Looks at what a window shows, and notes what it owes."""

    language: Language
    owed: dict[str, Any] = field(default_factory=dict)

    def visit(self, window: Window, name: str, address: str, ready: str = "h1") -> None:
        """Open a page and look at it."""
        window.goto(address)
        expect(window.page.locator(ready).filter(visible=True).first).to_be_visible()
        self.see(window, name)

    def see(self, window: Window, name: str, *, within: str = "") -> None:
        """Look at what is there, in every mode; ``within`` is the part that is new."""
        page = window.page
        root = page.locator("html")
        expect(root).to_have_attribute("dir", self.language.direction)
        expect(root).to_have_attribute("lang", re.split("-", self.language.locale)[0])
        for mode in self.language.modes:
            with _looking(window, mode):
                found = _owed(window, mode, within)
                if self.language.locale == LONGER and name not in _ENGLISH and (told := untranslated(window)):
                    found["untranslated"] = told
                # The chat fills its window and scrolls inside; pages are as high as they are.
                window.shot(f"{mode.name}/{name}", full=not page.locator(".frame").count())
            if found:
                self.owed[f"{name} in {mode.name}"] = found


@contextmanager
def _looking(window: Window, mode: Mode) -> Iterator[None]:
    """Look in a mode, and then as one does at first."""
    page = window.page
    page.emulate_media(color_scheme=mode.scheme, contrast=mode.contrast, forced_colors=mode.forced)
    page.set_viewport_size({"width": mode.size[0], "height": mode.size[1]})
    # Asked once and awaited: asking again and again would be code from a string, which the page forbids.
    page.evaluate(_DRAWN)
    yield
    page.emulate_media(color_scheme="light", contrast="no-preference", forced_colors="none")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.evaluate(_DRAWN)


def _owed(window: Window, mode: Mode, within: str) -> dict[str, Any]:
    owed = {
        "wider than the window": window.overflow(),
        "blank icons": [] if mode.only_colours else window.page.evaluate(_BLANK_ICONS),
        "cut off": [] if mode.only_colours else window.page.evaluate(_CUT_OFF),
        "nameless": [] if mode.only_colours else window.nameless(),
        "small": [] if mode.only_colours else window.small_targets(),
        # Where the system decides the colours, there is nothing to measure.
        "faint": [] if mode.forced == "active" else window.faint(),
        "axe": mode.axe(window, within),
    }
    return {what: told for what, told in owed.items() if told}


_BLANK_ICONS = """() => [...document.querySelectorAll('use')].map((e) => e.getAttribute('href'))
  .filter((name) => name.startsWith('#') && !document.getElementById(name.slice(1)))"""

# Controls, and what is read: a list that scrolls hides what stands beyond its edge.
_CUT_OFF = """() => [...document.querySelectorAll('button, a[href], input, textarea, select, p, li, h1, h2, h3, summary')]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest('.hidden, .skip'))
  .filter((e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth) return false;
    return true;
  })
  .filter((e) => { const box = e.getBoundingClientRect(); return box.width && (box.left < -1 || box.right > innerWidth + 1); })
  .map((e) => e.outerHTML.slice(0, 100))"""

_DRAWN = """() => document.fonts.ready
  .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))))"""
