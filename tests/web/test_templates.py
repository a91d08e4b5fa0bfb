"""What no template and no script of ours may hold."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
SCRIPTS = sorted((WEB / "static" / "js").rglob("*.js"))
STYLES = sorted((WEB / "static" / "css").rglob("*.css"))

IN_TEMPLATES = {
    "inline style": r"\sstyle=|<style",
    "inline handler": r"\son[a-z]+=",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "unescaped text": r"\|\s*safe|Markup|autoescape",
    "foreign address": r"(src|href)=\"(https?:)?//",
}
IN_SCRIPTS = {
    "HTML from a string": r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write",
    "code from a string": r"\beval\(|new Function|setTimeout\(\s*[\"'`]",
    "bare import": r"from\s+[\"'](?![./])",
    "text kept on disk": r"localStorage\.setItem\([^)]*(text|draft)",
    "words in an address": r"URLSearchParams|location\.search",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    assert_without(path, IN_TEMPLATES)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_builds_nodes_and_never_markup(path: Path) -> None:
    assert_without(path, IN_SCRIPTS)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_loads_nothing_from_elsewhere(path: Path) -> None:
    assert_without(path, {"foreign address": r"url\((?!\"\.\./vendor/)|@import"})


def test_there_is_something_to_look_at() -> None:
    assert TEMPLATES and STYLES


def test_every_form_that_changes_something_carries_the_token_of_its_session() -> None:
    forms = [
        (path.name, form)
        for path in TEMPLATES
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text("utf-8"), re.S)
    ]
    posted = sum(path.read_text("utf-8").count('method="post"') for path in TEMPLATES)
    assert len(forms) == posted > 0
    for name, form in forms:
        assert "csrf()" in form or "signin.sign_in" in form, name


def assert_without(path: Path, forbidden: dict[str, str]) -> None:
    text = path.read_text("utf-8")
    found = {name: match[0] for name, pattern in forbidden.items() if (match := re.search(pattern, text))}
    assert not found
