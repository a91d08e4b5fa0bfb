"""What a page loads at first is few files, and they do what those do that lie in the repository."""

import subprocess
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.node import find_node
from tests.web.conftest import Browser
from web import joined
from web.assets import STATIC
from web.scripts import Kind, Unreadable, plain, read, tokens

SCRIPTS = sorted(STATIC.rglob("*.js"), key=str)

PIECES = st.sampled_from(
    (
        *(
            "a",
            "if",
            "return ",
            "12.5",
            "'it’s // no comment'",
            '"/* nor */ this"',
            "// note\n",
            "/* a\nb */",
        ),
        *("`text ${ {a: `in ${b}`} } // text`", "/[/`'\"]\\//gu", "\n", "  "),
        *(" = ", "(", ")", "{", "}", "+", " + ", ";", "?.", "=>"),
    )
)


@given(st.lists(PIECES))
def test_the_tokens_of_a_script_are_the_script(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        found = list(tokens(text))
    except Unreadable:
        return  # Put together at random, a sign may begin what never ends.
    assert "".join(token.text for token in found) == text


@given(st.lists(PIECES))
def test_without_comments_and_space_a_script_has_the_same_tokens(pieces: list[str]) -> None:
    try:
        before = list(tokens("".join(pieces)))
    except Unreadable:
        return
    said = [token for token in before if token.kind not in (Kind.SPACE, Kind.COMMENT)]
    kept = plain("".join(pieces))
    assert [token for token in kept if token.kind is not Kind.SPACE] == said
    again = tokens("".join(token.text for token in kept))
    assert [token for token in again if token.kind is not Kind.SPACE] == said


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_no_script_changes_but_for_comments_and_space(path: Path) -> None:
    text = path.read_text("utf-8")
    kept = "".join(token.text for token in plain(text))
    blank = (Kind.SPACE, Kind.COMMENT)
    assert [t for t in tokens(kept) if t.kind not in blank] == [
        t for t in tokens(text) if t.kind not in blank
    ]


def test_what_cannot_be_read_is_refused_and_not_guessed() -> None:
    for text in (
        "import './other.js';",
        "export let now = 1;",
        "export * from './other.js';",
        "const a = `never ends",
    ):
        with pytest.raises(Unreadable):
            read(text)


def _write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, "utf-8")


def _run(static: Path, entry: str, out: Path) -> str:
    """Run the joined form of a module, and return what it prints."""
    node = find_node()
    (out / "package.json").write_text('{"type": "module"}')
    for name, octets in joined.scripts(static, entry).items():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(octets)
    done = subprocess.run(
        [node, out / "joined" / entry], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_joined_modules_run_once_in_order_and_lend_what_they_have_to_what_comes_later(tmp_path: Path) -> None:
    static, out = tmp_path / "static", tmp_path / "out"
    static.mkdir()
    out.mkdir()
    _write(
        static,
        main=(
            "import start, { seen as list } from './one.js';\nimport * as all from './two.js';\nimport { again } from './two.js';\n"
            "const t = await Promise.resolve('waited');\nstart('main');\n// import('./no.js')\n"
            "(async () => {\nconst { late } = await import('./late.js');\nlate();\nconst one = await import('./one.js');\n"
            "console.log(t, all.two, again === list, one.seen === list, list.join(), new URL('x', import.meta.url).pathname.split('/').pop());\n})();\n"
        ),
        one="export const seen = [];\nseen.push('one');\nexport default function(who) { seen.push(who) }\nvar t = 1;\n",
        two="import { seen } from './one.js';\nexport { seen as again } from './one.js';\nvar t = 2;\nexport { t as two };\nseen.push('two');\n",
        late=(
            "import { seen } from './one.js';\nimport { other as from } from './other.js';\n"
            "export function late() { seen.push(from()); }\n"
        ),
        other="import * as one from './one.js';\nexport const other = () => `late ${one.seen.length}`;\n",
    )
    assert _run(static, "main.js", out) == "waited 2 true true one,two,main,late 3 x\n"


def test_modules_that_need_each_other_are_refused(tmp_path: Path) -> None:
    _write(
        tmp_path,
        a="import { b } from './b.js';\nexport const a = 1;\n",
        b="import { a } from './a.js';\nexport const b = 1;\n",
    )
    with pytest.raises(Unreadable, match="circles"):
        joined.scripts(tmp_path, "a.js")


def test_every_joined_script_of_the_chat_can_be_read_by_a_browser(tmp_path: Path) -> None:
    node = find_node()
    for name, octets in joined.scripts(STATIC, joined.ENTRY).items():
        place = tmp_path / f"{name.replace('/', '-')}.mjs"
        place.write_bytes(octets)
        done = subprocess.run(
            [node, "--check", place], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"


def test_the_chat_asks_for_one_script_and_one_sheet_and_gets_them_compressed(browser: Browser) -> None:
    browser.sign_in("ann")
    page = browser.get("/chat").text
    assert page.count("<script") == page.count('rel="stylesheet"') == 1
    address = page.split('src="')[1].split('"')[0]
    plainly = browser.get(address)
    small = browser.get(address, **{"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data) == plainly.data
    assert browser.get(address, **{"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert browser.get(address.replace("chat.js", "none.js")).status_code == 404


def test_the_first_load_of_the_chat_is_at_most_60_kb() -> None:
    script = joined.file(STATIC, f"joined/{joined.ENTRY}")
    sheet = joined.file(STATIC, "css/joined-chat.css")
    assert script
    assert sheet
    assert sum(len(brotli.compress(each, quality=11)) for each in (script, sheet)) <= 60_000
