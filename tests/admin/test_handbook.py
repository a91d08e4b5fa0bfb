"""The handbook says what the code does: generated pages are current, links lead somewhere, examples work."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from admin.cli import main
from admin.handbook import DOCS, PAGES, SHORTCUTS
from admin.handbook_commands import every_command
from audit.search.query import parse
from core.identity.directory import mapping_from_settings
from core.identity.ldap import ldap_settings_from
from core.settings import Settings, load_settings
from policies.bundle_tests import run_tests
from policies.source import parse as parse_bundle
from policies.standard import standard_compiler, standard_vocabulary

WRITTEN = sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_current(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `python -m admin.handbook`"


def test_every_setting_stands_in_the_handbook_with_default_effect_and_example() -> None:
    rows = [line for line in PAGES["reference/settings.md"]().splitlines() if line.startswith("| `")]
    told = {re.match(r"\| `([^`]+)`", row)[1]: row for row in rows}  # type: ignore[index]
    for field in fields(Settings):
        row = told.pop(field.metadata["key"])
        assert field.metadata["effect"].replace("|", "\\|") in row
        assert field.metadata["example"].replace("|", "\\|") in row
    assert not told


def test_every_command_that_the_handbook_names_is_one_with_these_options() -> None:
    commands = dict(every_command(main))
    pages = [page for page in (*WRITTEN, DOCS.parents[1] / "README.md") if page.parent.name != "reference"]
    named = [
        (page.name, line.split("#")[0].strip(" \\"))
        for page in pages
        for line in re.findall(r"(?:`|^    )chancery ([a-z][^`\n|]*)", page.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(named) > 60
    for page, line in named:
        words = line.split()
        whole = " ".join(words[:2]) if " ".join(words[:2]) in commands else words[0]
        assert whole in commands, (page, line)
        known = {option for one in commands[whole].params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, (page, line)


def test_every_shortcut_of_the_chat_stands_in_the_handbook() -> None:
    rows = [line for line in PAGES["reference/shortcuts.md"]().splitlines() if line.startswith("| ")]
    assert len(rows) - 1 == SHORTCUTS.read_text("utf-8").count("{ id: ") > 20
    assert "| Everywhere | `Ctrl+K` | Go to a conversation |" in rows


def test_the_readme_is_short_and_names_tests_that_exist() -> None:
    root = DOCS.parents[1]
    text = (root / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 120
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 10
    for file, test in named:
        assert f"def {test or 'test_'}" in (root / file).read_text("utf-8"), (file, test)
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (root / link).exists(), link


@pytest.mark.parametrize(
    "example", re.findall(r"```toml\n(.*?)```", (DOCS / "directory.md").read_text("utf-8"), re.S)
)
def test_the_directory_recipes_are_settings_that_hold(tmp_path: Path, example: str) -> None:
    file = tmp_path / "chancery.toml"
    file.write_text(example)
    settings = load_settings({"CHANCERY_LDAP_BIND_PASSWORD": "secret"}, file)
    assert ldap_settings_from(settings).protected
    assert mapping_from_settings(settings).roles


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_leads_to_a_page(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_every_page_is_reachable_from_the_first() -> None:
    seen, todo = set(), [DOCS / "README.md"]
    while todo:
        page = todo.pop().resolve()
        if page not in seen:
            seen.add(page)
            todo += [
                page.parent / link for link in re.findall(r"\]\(([^)#:]+\.md)\)", page.read_text("utf-8"))
            ]
    assert seen == {page.resolve() for page in WRITTEN}


def test_every_example_of_the_query_language_is_understood() -> None:
    page = (DOCS / "query-language.md").read_text("utf-8")
    examples = re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)
    assert len(examples) > 10
    for example in examples:
        assert parse(example).warnings == (), example


def test_the_example_policy_is_sound_and_passes_its_own_tests() -> None:
    page = (DOCS / "policies.md").read_text("utf-8")
    text = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert text is not None
    assert yaml.safe_load(text[1])["name"] == "Example bank"
    bundle = parse_bundle([("example.yaml", text[1])], standard_vocabulary())
    report = run_tests(standard_compiler().compile(bundle))
    assert report.passed, report.failures
