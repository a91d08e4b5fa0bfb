"""Every text can be read on everything it may stand on, in every theme (WCAG 2.2, 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "web/static/css/tokens.css").read_text("utf-8")
PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
SURFACES = ("ground", "panel", "raised")
WORDS = {
    **dict.fromkeys(("ink", "soft"), (*SURFACES, "hover")),
    **{colour: (*SURFACES, f"{colour}-tint") for colour in ("accent", "good", "warn", "bad")},
    "on-accent": ("accent",),
}
ON_TINTS = [("ink", f"{colour}-tint") for colour in ("accent", "good", "warn", "bad")]
ON_TINTS += [("ink", f"face-{letter}") for letter in "abcdef"]
ON_TINTS += [("soft", "accent-tint"), ("accent", "hover")]
PAIRS = [(text, ground) for text, grounds in WORDS.items() for ground in grounds] + ON_TINTS
BLOCKS = {
    "": ":root {",
    "contrast": ':root[data-theme="contrast"] {',
    "asked": ':root[data-theme="system"] {',
}


def block(name: str) -> dict[str, tuple[str, str]]:
    """Return the colours of one theme, those that it does not change included."""
    begin = TOKENS.index(BLOCKS[name])
    own = {
        found[1]: (found[2], found[3]) for found in PAIR.finditer(TOKENS[begin : TOKENS.index("}", begin)])
    }
    return {**block(""), **own} if name else own


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return sum(v * weight for v, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    lighter, darker = sorted((light(one), light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("theme", "least"), [("", 4.5), ("contrast", 7.0)], ids=["plain", "contrast"])
def test_every_text_stands_out_from_everything_it_may_stand_on(theme: str, least: float, scheme: int) -> None:
    colours = {name: both[scheme] for name, both in block(theme).items()}
    faint = {
        f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2)
        for text, ground in PAIRS
        if contrast(colours[text], colours[ground]) < least
    }
    assert not faint


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("theme", ["", "contrast"], ids=["plain", "contrast"])
def test_the_edge_of_a_control_stands_out_from_what_is_behind_it(theme: str, scheme: int) -> None:
    colours = {name: both[scheme] for name, both in block(theme).items()}
    assert all(contrast(colours["edge"], colours[ground]) >= 3 for ground in SURFACES)


def test_high_contrast_is_the_same_whether_chosen_or_asked_for_by_the_system() -> None:
    assert block("contrast") == block("asked")


def test_every_token_is_used_and_every_used_one_is_there() -> None:
    styles = "".join(path.read_text("utf-8") for path in Path("web/static/css").glob("*.css"))
    named = set(re.findall(r"^\s+--([a-z0-9-]+):", TOKENS, re.MULTILINE))
    used = set(re.findall(r"var\(--([a-z0-9-]+)[,)]", styles))
    assert named == used


def test_no_colour_is_written_outside_of_the_tokens() -> None:
    for path in Path("web/static/css").glob("*.css"):
        if path.name != "tokens.css":
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\([^)]*\)", path.read_text("utf-8")) == [], (
                path.name
            )


def test_directions_are_logical_so_that_pages_turn_with_the_language() -> None:
    physical = r"(?<![\w-])(?:margin|padding|border)-(?:left|right|top|bottom)|(?<![\w-])(?:left|right):|text-align: (?:left|right)|float: (?:left|right)"
    for path in Path("web/static/css").glob("*.css"):
        assert re.findall(physical, path.read_text("utf-8")) == [], path.name
