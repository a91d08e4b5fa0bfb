"""The canonical record keeps what was said as it was said, and is found by the words and names of then."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.archive.records import (
    Clear,
    open_fields,
    parse_item,
    parse_trail,
    seal_fields,
    search_record,
)
from audit.ledger.commitment import commit_fields, new_salt
from core.crypto.envelope import Key
from core.errors import IntegrityError, InvalidInput

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXT, TEXT, st.integers(1, 9), st.one_of(st.none(), st.integers(1, 2**40)))
def test_a_record_opens_as_it_was_sealed(text: str, name: str, version: int, cseq: int | None) -> None:
    parsed = parse_item(payload(text=text, conversation_name=name, version=version, cseq=cseq))
    key, salt = Key.generate(), new_salt()
    clear = clear_of(commitment=commit_fields(salt, parsed.fields))
    fields = open_fields(key, clear, seal_fields(key, clear, salt, parsed.fields))
    assert fields == parsed.fields
    assert (fields["body"], fields["conv"]["name"], fields["cseq"]) == (text, name, cseq)


@given(st.sampled_from(sorted(Clear.__slots__)))
def test_no_clear_column_can_be_changed(column: str) -> None:
    parsed = parse_item(payload())
    key, salt = Key.generate(), new_salt()
    clear = clear_of(commitment=commit_fields(salt, parsed.fields))
    sealed = seal_fields(key, clear, salt, parsed.fields)
    values = {name: getattr(clear, name) for name in Clear.__slots__}
    was = values[column]
    values[column] = was + b"x" if isinstance(was, bytes) else was + 1 if isinstance(was, int) else f"{was}x"
    with pytest.raises(IntegrityError):
        open_fields(key, Clear(**values), sealed)


def test_a_record_whose_fields_are_not_what_was_committed_to_does_not_open() -> None:
    fields = parse_item(payload()).fields
    key, salt = Key.generate(), new_salt()
    clear = clear_of(commitment=commit_fields(salt, fields))
    with pytest.raises(IntegrityError):
        open_fields(key, clear, seal_fields(key, clear, salt, {**fields, "body": "something else"}))


def test_everybody_who_may_be_held_is_named() -> None:
    assert parse_item(payload(intended=["dan"])).people == ("ana", "ben", "dan")


def test_words_are_those_typed_those_shown_and_the_senders_reason() -> None:
    found = parse_item(
        payload(text="my card 4111", shown="my card ▮▮▮▮", confirms="d-1", reason="client asked")
    )
    record = search_record(found.fields, rid="r", partition="p")
    assert record.body == "my card 4111\nmy card ▮▮▮▮\nclient asked"
    assert record.sender_names == ("ana", "ana.a", "ana@firm.example", "Ana Adams")
    assert record.audience_names == ("ben", "ben.b", "ben@firm.example", "Ben Bell")
    assert record.conversation_names == ("c-1", "deals")


@pytest.mark.parametrize(("said", "links"), [("see https://firm.example/map", True), ("see the map", False)])
def test_a_link_in_what_is_forwarded_is_a_link_of_the_record(said: str, links: bool) -> None:
    found = parse_item(payload(text="look", forwarded={"sender": "ben", "text": said}))
    assert search_record(found.fields, rid="r", partition="p").has_link == links


def test_what_an_officer_decided_is_still_from_its_author() -> None:
    officer = {"id": "o-1", "username": "olga", "name": "Olga", "email": ""}
    found = parse_item(payload(kind="release", actor=officer))
    assert search_record(found.fields, rid="r", partition="p").sender_names[0] == "ana"


@pytest.mark.parametrize(
    "broken",
    [{}, {"v": 2}, {"v": 1, "item": "i"}],
)
def test_what_is_no_version_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_item(broken)
    assert caught.value.code == "bad_record"


def test_entries_on_people_are_kept_apart_from_the_trail() -> None:
    row = {"actor": "a", "subject": "s", "at": 1, "process": "p", "number": 1, "detail": {}}
    assert parse_trail({**row, "tag": "person:added"}, store="chat").retention_class == "people"
    assert parse_trail({**row, "tag": "matter:opened"}, store="desk").retention_class == "trail"
    with pytest.raises(InvalidInput):
        parse_trail({"tag": "matter:opened"}, store="desk")


ANA = {"id": "ana", "username": "ana.a", "name": "Ana Adams", "email": "ana@firm.example"}
BEN = {"id": "ben", "username": "ben.b", "name": "Ben Bell", "email": "ben@firm.example"}


def payload(
    *,
    text: str = "hello",
    conversation_name: str = "deals",
    version: int = 1,
    cseq: int | None = 1,
    kind: str = "create",
    actor: dict[str, str] | None = None,
    intended: list[str] | None = None,
    **content: Any,
) -> dict[str, Any]:
    return {
        "v": 1,
        "item": "i-1",
        "version": version,
        "kind": kind,
        "type": "message",
        "state": "sent",
        "conversation": {"id": "c-1", "kind": "public", "name": conversation_name, "topic": ""},
        "cseq": cseq,
        "stop_seq": None,
        "at": "2026-03-02T09:00:00.000Z",
        "sender": "ana",
        "actor": actor or ANA,
        "audience": [ANA, BEN],
        "audience_ids": sorted({"ana", "ben", *(intended or [])}),
        "thread_root": None,
        "content": {"text": text, "has_link": False, **content},
        "facts": None,
        "decision": None,
        "preceding": [],
    }


def clear_of(*, commitment: bytes) -> Clear:
    return Clear(
        rid="r-1",
        partition_id="2026-03-public",
        generation=1,
        page_id="p-1",
        item_id="i-1",
        version=1,
        conversation_id="c-1",
        cseq=1,
        stop_seq=None,
        kind="create",
        at_ms=1_772_442_000_000,
        indexable=1,
        commitment=commitment,
    )
