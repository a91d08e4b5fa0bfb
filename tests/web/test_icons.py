"""One sprite holds every icon, and nobody names one that is not in it."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

WEB = Path(__file__).parents[2] / "web"
SVG = "{http://www.w3.org/2000/svg}"
SPRITE = ET.parse(WEB / "static/icons.svg").getroot()
NAMES = {symbol.get("id") for symbol in SPRITE.findall(f"{SVG}symbol")}


def test_every_icon_that_scripts_and_templates_name_is_in_the_sprite() -> None:
    scripts = "".join(path.read_text("utf-8") for path in (WEB / "static/js").rglob("*.js"))
    templates = "".join(path.read_text("utf-8") for path in (WEB / "templates").rglob("*.html"))
    named = set(re.findall(r"\bicon(?:: '|=\"|\(['\"])([a-z]+)", scripts + templates))
    named |= set(re.findall(r"<\$\{Icon\} name=\"([a-z]+)\"", scripts))
    assert named and named <= NAMES


def test_icons_are_strokes_in_the_current_colour() -> None:
    for symbol in SPRITE.findall(f"{SVG}symbol"):
        (path,) = symbol
        assert symbol.attrib.keys() == {"id", "viewBox"} and symbol.get("viewBox") == "0 0 24 24"
        assert path.tag == f"{SVG}path" and path.attrib.keys() == {"d"}


def test_arrows_that_turn_with_the_language_are_in_the_sprite() -> None:
    style = (WEB / "static/css/base.css").read_text("utf-8")
    turning = set(re.findall(r'href\$="#([a-z]+)"', style))
    assert turning and turning <= NAMES
