"""What arrives is JSON and text, or it is refused in a way that whoever sent it can be told."""

import json

import pytest

from core.errors import InvalidInput
from web.realtime.launch import FastJson
from web.realtime.wire import check_storable


def test_half_a_character_reaches_the_check_that_refuses_it() -> None:
    payload = FastJson.loads(json.dumps(["send", {"text": "half \ud83d"}]))
    with pytest.raises(InvalidInput) as refused:
        check_storable(payload)
    assert refused.value.code == "bad_text"


def test_a_whole_character_passes() -> None:
    payload = FastJson.loads(json.dumps({"text": "whole \U0001f642"}))
    check_storable(payload)
    assert payload == {"text": "whole \U0001f642"}


@pytest.mark.parametrize("text", ["[" * 200_000, "{", "", "\ud83d"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        FastJson.loads(text)
