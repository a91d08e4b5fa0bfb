"""Texts on a screen that no catalogue knows: English that was left where another language is read.

The accented language of :mod:`tests.factories.pseudo` says everything of ours with accents; what stands
there without one is data of the house, or was forgotten.
"""

import re
from typing import Final

from tests.e2e.browser import Window

# Names of people and things of the house, what they wrote, and what is called the same in every language.
_DATA: Final = """
    test nia mensah tom fischer harbour what comes goes out new code name rather long file that tells txt nothing png
    admin ana ribeiro ben okafor cleo lindqvist ida novak otto brandt olga demo bank deals walnut desk
    complaint letter today text mobile and from chancery english deutsch esperanto headlesschrome chrome
    chromium linux sha utc research trading advisory markets operations compliance service accounts
    jan feb mar apr maj jun jul aug sep okt nov dec novembro decembro
"""
_OPAQUE: Final = re.compile(r"\b(?=\w*\d)\w{12,}\b")
"""Ids and hashes."""
_WORD: Final = re.compile(r"[A-Za-z]{3,}")


def untranslated(window: Window) -> list[str]:
    """Return the visible texts and labels of the page that are neither accented nor data."""
    data = set(_DATA.split())
    found: list[str] = window.page.evaluate(_TEXTS)
    return sorted({text for text in found if not _words(text) <= data})


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(_OPAQUE.sub("", text))}


_TEXTS = """() => {
  const OURS = /[áçéĝíñóřšúýžÁÇÉĜÍÑÓŘŠÚÝŽ]|~\\]/;
  // Emoji go by the names that Unicode gave them.
  const DATA = '.emoji-grid *, .completion .sign ~ *, [dir=auto], bdi, code, pre, kbd, q, time, textarea, script, style, '
    + 'svg, .said, .diff, .rules dt';
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    const text = node.data.trim().replace(/\\s+/g, ' ');
    if (text && !e.closest(DATA) && e.checkVisibility({visibilityProperty: true})) texts.push(text);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
    for (const e of document.querySelectorAll(`[${name}]`)) {
      if (e.checkVisibility() && !e.closest('svg, .emoji-grid') && !e.matches('time')) texts.push(e.getAttribute(name));
    }
  }
  return texts.filter((text) => !OURS.test(text));
}"""
