"""Chromium for tests: real windows of real people, which fail on whatever a console complains about.

Debian's own Chromium runs under Playwright: one browser for the whole run, one context (cookies, size,
colours) for each person. A window notes every console error, every breach of the content security
policy and every exception; :meth:`Windows.check` fails on what the test did not announce with
:meth:`Window.expect`.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, expect

from tests.services.debian import install

T = TypeVar("T", bound="Window")

SHOTS = "CHANCERY_TEST_SHOTS"
WIDE = (1280, 800)
NARROW = (360, 740)
# Chromium reports every answer of 4xx as an error of the console; a page that says "wrong password" is one.
_ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# Slow machines, many processes: longer than Playwright's own 5 s.
PATIENCE_MS = 30_000


class NoBrowser(Exception):
    """There is no Chromium, and it could not be installed; the text says what to do."""


def find_chromium() -> str:
    """Return where Chromium is; as root on Debian it is installed if it is missing.

    The headless shell comes first: the same engine without a browser's own windows, at a third of the
    processor time.

    Raises:
        NoBrowser: there is none.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        install(names[0], "fonts-liberation")
        found = shutil.which(names[0])
    if found is None:
        raise NoBrowser("Chromium is missing. On Debian: apt-get install chromium-headless-shell")
    return found


def launch(playwright: Playwright) -> Browser:
    """Start Chromium; it talks to nobody but the pages under test."""
    arguments = [
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-background-networking",
    ]
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments)


class Window:
    """One window of one person; ``page`` is Playwright's."""

    def __init__(self, context: BrowserContext, name: str) -> None:
        self.context = context
        self.name = name
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self._expected: list[re.Pattern[str]] = [_ANSWERED]
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))

    def expect(self, pattern: str) -> None:
        """Announce a complaint that belongs to the test, as of a websocket whose server was killed."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Return the complaints that nobody announced."""
        return [p for p in self.problems if not any(e.search(p) for e in self._expected)]

    def shot(self, name: str, *, full: bool = False) -> None:
        """Write a picture to the folder that the environment variable ``CHANCERY_TEST_SHOTS`` names, if any."""
        folder = os.environ.get(SHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    # -- by role and name --------------------------------------------------------------------------

    def button(self, name: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        """Return the button called ``name``."""
        return self.page.get_by_role("button", name=name, exact=exact)

    def link(self, name: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        """Return the link called ``name``."""
        return self.page.get_by_role("link", name=name, exact=exact)

    def box(self, name: str | re.Pattern[str], *, exact: bool = False) -> Locator:
        """Return the text box called ``name``."""
        return self.page.get_by_role("textbox", name=name, exact=exact)

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        """Return the heading ``name``."""
        return self.page.get_by_role("heading", name=name)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until ``text`` can be seen somewhere."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_not(self, text: str | re.Pattern[str]) -> None:
        """Wait until ``text`` can be seen nowhere."""
        expect(self.page.get_by_text(text).filter(visible=True)).to_have_count(0)

    def goto(self, url: str) -> None:
        """Open ``url``."""
        self.page.goto(url, wait_until="domcontentloaded")

    def fill_in(self, url: str, fields: dict[str, str], submit: str) -> None:
        """Open a form, fill its fields by their labels, and press its button."""
        self.goto(url)
        for label, value in fields.items():
            self.page.get_by_label(label, exact=True).fill(value)
        self.button(submit, exact=True).click()

    def sign_in(self, url: str, username: str, password: str) -> None:
        """Sign in at ``url`` (of the chat pages or the desk) as a person does."""
        fields = {"User name": username, "Password": password}
        self.fill_in(f"{url}/signin", fields, "Sign in")

    # -- what every screen owes --------------------------------------------------------------------

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window; 0 is the promise (WCAG 1.4.10)."""
        return int(
            self.page.evaluate(
                "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
            )
        )

    def nameless(self) -> list[str]:
        """Return the controls that have no accessible name (WCAG 4.1.2)."""
        found: list[str] = self.page.evaluate(_NAMELESS)
        return found

    def faint(self, least: float = 4.5) -> list[str]:
        """Return the texts on the screen whose contrast with what is behind them is below ``least`` to 1.

        WCAG 1.4.3 asks for 4.5, and 3 from 24 px (or 18.66 px bold) on; disabled controls are exempt.
        """
        found: list[str] = self.page.evaluate(_FAINT, least)
        return found

    def small_targets(self, least: int = 24) -> list[str]:
        """Return the buttons and fields below ``least`` × ``least`` CSS pixels (WCAG 2.5.8)."""
        found: list[str] = self.page.evaluate(_SMALL, least)
        return found

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.problems.append(f"{message.type}: {message.text}")


class Windows:
    """Opens windows, and closes them all at the end of the test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._windows: list[Window] = []

    def open(
        self,
        name: str = "somebody",
        *,
        size: tuple[int, int] = WIDE,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-GB",
        **options: Any,
    ) -> Window:
        """Open a window with cookies of its own."""
        return self.open_as(Window, name, size=size, scheme=scheme, locale=locale, **options)

    def open_as(
        self,
        kind: Callable[[BrowserContext, str], T],
        name: str,
        *,
        size: tuple[int, int] = WIDE,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-GB",
        **options: Any,
    ) -> T:
        """Open a window of a class of your own, derived from :class:`Window`, with more page helpers."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale=locale,
            timezone_id="UTC",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        window = kind(context, name)
        self._windows.append(window)
        return window

    def check(self) -> None:
        """Fail on what any console complained about."""
        found = {window.name: window.unexpected() for window in self._windows if window.unexpected()}
        assert not found, f"consoles complained: {found}"

    def close(self) -> None:
        """Close every window."""
        for window in self._windows:
            window.context.close()


_NAMELESS = """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select, textarea')]
  .filter((e) => e.checkVisibility() && !e.closest('[aria-hidden="true"]'))
  .filter((e) => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()
    || e.getAttribute('aria-labelledby')))
  .map((e) => e.outerHTML.slice(0, 120))"""

_SMALL = """(least) => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary')]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest('.hidden') && !e.disabled)
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width && (box.width < least - 0.5 || box.height < least - 0.5))
  .filter(([e]) => !(e.labels?.[0] && e.labels[0].getBoundingClientRect().height >= least))
  .map(([e, box]) => `${e.outerHTML.slice(0, 100)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""

_FAINT = """(least) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((v, i) => (i === 3 ? v / 255 : v));
  };
  const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3]));
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), rgba('canvas').slice(0, 3));
  };
  const light = (c) => c.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (e.closest('.hidden, .skip, script, noscript, :disabled')) continue;
    const style = getComputedStyle(e);
    const opacity = (() => { let o = 1; for (let p = e; p; p = p.parentElement) o *= +getComputedStyle(p).opacity; return o; })();
    const back = behind(e);
    const colour = rgba(style.color);
    const front = over([...colour.slice(0, 3), colour[3] * opacity], back);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < (large ? Math.min(3, least) : least) - 0.01) found.push(`${contrast.toFixed(2)} "${node.data.trim().slice(0, 40)}" .${e.className}`);
  }
  return [...new Set(found)];
}"""
