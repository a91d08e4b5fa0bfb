"""axe-core on a page: what an automatic check finds wrong for those who see, hear or move differently.

The script runs in the page by Playwright, under the page's own content security policy.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# WCAG 2.2 AA, and what the field calls good practice.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """([within, only, tags, but]) => axe.run(within || document, {
    runOnly: only.length ? {type: 'rule', values: only} : {type: 'tag', values: tags},
    resultTypes: ['violations'],
    rules: only.length ? {} : {'target-size': {enabled: true}, ...Object.fromEntries(but.map((rule) => [rule, {enabled: false}]))},
  })
  .then((found) => found.violations)"""


def violations(
    page: Page, *, within: str = "", only: Sequence[str] = (), but: Sequence[str] = ()
) -> list[str]:
    """Return what is wrong with a page, or ``within`` a part: the rule, what it asks for, and where.

    Without ``only`` all rules count but those in ``but``.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(_RUN, [within, list(only), _TAGS, list(but)])
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(f"{node['target'][0]} {_data(node)}" for node in one["nodes"][:4])
        for one in found
    ]


def _data(node: dict[str, Any]) -> str:
    told = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return " / ".join(told)[:220]


@cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
