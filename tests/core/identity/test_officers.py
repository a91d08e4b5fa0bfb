"""Officers: named by the directory, confirmed by a second person, signed in with their own credential."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Conflict, Denied, InvalidInput, Limited, NotFound, NotSignedIn
from core.identity.permissions import CHAT_ROLES, Principal, PrincipalKind, Role
from core.trail import Tag
from core.types import OfficerId, PersonId
from tests.factories.clear_text import files_of, where
from tests.factories.identity import PASSWORD, CountingHasher, DeskIdentity, desk_identity

OFFICER, APPROVER = Role.COMPLIANCE_OFFICER, Role.COMPLIANCE_APPROVER
BOTH = frozenset({OFFICER, APPROVER})
DAY = 24 * 3600


def sign_in(house: DeskIdentity, username: str, password: str = PASSWORD) -> str:
    return house.sign_in.sign_in(username, password, "10.0.0.1", "browser")[0]


def test_init_makes_the_first_officer_and_only_the_first(house: DeskIdentity) -> None:
    code = house.officers.first_officer("first", "First Officer")
    officer = house.officers.enrol(code, PASSWORD)
    assert officer.roles == {OFFICER, APPROVER, Role.POLICY_APPROVER}
    assert house.sign_in.identify(sign_in(house, "first")).officer == officer
    with pytest.raises(Conflict) as refused:
        house.officers.first_officer("second", "Second Officer")
    assert refused.value.code == "officers_exist"


def test_a_confirmed_candidate_enrols_and_signs_in(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", *BOTH)
    assert [one.person for one in house.officers.candidates()] == [person]
    officer = house.officers.enrol(house.officers.confirm(person, first, frozenset({OFFICER})), PASSWORD)
    assert officer.person == person
    assert officer.roles == {OFFICER}
    signed_in = house.sign_in.identify(sign_in(house, "CAROL"))
    assert signed_in.principal == Principal(
        PrincipalKind.DESK, officer.id, frozenset({OFFICER}), signed_in.session.id
    )
    assert house.trail.tags()[-3:] == [Tag.OFFICER_CONFIRMED, Tag.OFFICER_ENROLLED, Tag.SIGNED_IN]


def test_nobody_confirms_themselves(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", *BOTH)
    carol = house.principal(house.officers.enrol(house.officers.confirm(person, first, BOTH), PASSWORD).id)
    own_account = house.mirror("person-9", "first", *BOTH)
    for candidate, by in ((person, carol), (own_account, first)):
        with pytest.raises(Denied) as refused:
            house.officers.confirm(candidate, by, frozenset({OFFICER}))
        assert refused.value.code == "own_request"


def test_only_an_approver_confirms(house: DeskIdentity) -> None:
    house.first_approver()
    person = house.mirror("person-1", "carol", *BOTH)
    for role in set(Role) - {APPROVER}:
        kind = PrincipalKind.CHAT if role in CHAT_ROLES else PrincipalKind.DESK
        with pytest.raises(Denied) as refused:
            house.officers.confirm(
                person, Principal(kind, "someone", frozenset({role})), frozenset({OFFICER})
            )
        assert refused.value.code == "denied"
    assert len(house.officers.officers()) == 1


def test_only_roles_that_the_directory_names_can_be_confirmed(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", OFFICER)
    for roles in (BOTH, frozenset({Role.AUDITOR}), frozenset()):
        with pytest.raises(InvalidInput) as refused:
            house.officers.confirm(person, first, roles)
        assert refused.value.code == "roles_not_named"
        assert refused.value.params["roles"] == [OFFICER]


def test_whom_the_directory_does_not_name_is_no_candidate(house: DeskIdentity) -> None:
    first = house.first_approver()
    house.mirror("person-1", "carol", OFFICER, present=False)
    house.mirror("person-2", "dave")
    assert house.officers.candidates() == []
    for person in ("person-1", "nobody"):
        with pytest.raises(NotFound) as refused:
            house.officers.confirm(PersonId(person), first, frozenset({OFFICER}))
        assert refused.value.code == "no_candidate"


def test_a_code_is_good_once_and_for_a_day(house: DeskIdentity) -> None:
    first = house.first_approver()
    used = house.officers.confirm(house.mirror("person-1", "carol", OFFICER), first, frozenset({OFFICER}))
    house.officers.enrol(used.upper().replace("-", " "), PASSWORD)
    late = house.officers.confirm(house.mirror("person-2", "dave", OFFICER), first, frozenset({OFFICER}))
    house.clock.advance(DAY)
    for code in (used, late, "", "aaaaaa-aaaaaa-aaaaaa-aaaaaa", "\ud800"):
        with pytest.raises(InvalidInput) as refused:
            house.officers.enrol(code, PASSWORD)
        assert refused.value.code == "bad_enrolment_code"


def test_a_refused_password_leaves_the_code_good(house: DeskIdentity) -> None:
    code = house.officers.first_officer("carola", "Carola")
    for password, reason in (("short", "password_too_short"), ("I am carola!", "password_holds_name")):
        with pytest.raises(InvalidInput) as refused:
            house.officers.enrol(code, password)
        assert refused.value.code == reason
    assert house.officers.enrol(code, PASSWORD).active


def test_no_code_and_no_name_stands_in_the_database(house: DeskIdentity, tmp_path: Path) -> None:
    code = house.officers.first_officer("canarius", "Cana Rius", email="c@canary.example")
    house.officers.enrol(code, PASSWORD)
    files = files_of(tmp_path)
    for word in ("canarius", "cana rius", "canary.example", code, code.replace("-", "")):
        assert where(word, files) == []


def test_an_unknown_name_costs_what_a_wrong_password_costs(house: DeskIdentity) -> None:
    house.first_approver()
    not_enrolled = house.mirror("person-1", "carol", OFFICER)
    house.officers.confirm(
        not_enrolled, house.principal(house.officers.officers()[0].id), frozenset({OFFICER})
    )
    costs = []
    for username in ("first", "carol", "nobody"):
        before = CountingHasher.computed
        with pytest.raises(NotSignedIn) as refused:
            house.officers.authenticate(username, "a wrong password")
        assert refused.value.code == "bad_credentials"
        costs.append(CountingHasher.computed - before)
    assert costs == [1, 1, 1]


def test_guessing_at_the_desk_is_throttled(house: DeskIdentity) -> None:
    house.first_approver()
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sign_in(house, "first", "a wrong password")
    with pytest.raises(Limited):
        sign_in(house, "first")
    assert house.trail.tags().count(Tag.SIGN_IN_FAILED) == 5


def test_a_leaver_loses_the_desk_as_soon_as_the_mirror_says_so(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", OFFICER)
    house.officers.enrol(house.officers.confirm(person, first, frozenset({OFFICER})), PASSWORD)
    token = sign_in(house, "carol")
    house.mirror("person-1", "carol", OFFICER, present=False, revision=2)
    with pytest.raises(NotSignedIn):
        house.sign_in.identify(token)
    with pytest.raises(NotSignedIn) as refused:
        sign_in(house, "carol")
    assert refused.value.code == "bad_credentials"


def test_a_leaver_who_returns_is_confirmed_anew(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", OFFICER)
    officer = house.officers.enrol(house.officers.confirm(person, first, frozenset({OFFICER})), PASSWORD)
    sign_in(house, "carol")
    house.mirror("person-1", "carol", OFFICER, present=False, revision=2)
    assert house.officers.disable_leavers() == 1
    assert house.officers.disable_leavers() == 0
    assert house.trail.rows[-1][3] == {"why": "left", "sessions_ended": 1}
    house.mirror("person-1", "carol", OFFICER, revision=3)
    with pytest.raises(NotSignedIn):
        sign_in(house, "carol")
    code = house.officers.confirm(person, first, frozenset({OFFICER}))
    assert house.officers.enrol(code, PASSWORD).id == officer.id


def test_an_older_mirror_row_changes_nothing(house: DeskIdentity) -> None:
    house.mirror("person-1", "carol", OFFICER, present=False, revision=5)
    house.mirror("person-1", "carol", OFFICER, revision=4)
    assert house.officers.candidates() == []


def test_an_approver_takes_an_account_away_but_not_their_own(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", OFFICER)
    officer = house.officers.enrol(house.officers.confirm(person, first, frozenset({OFFICER})), PASSWORD)
    token = sign_in(house, "carol")
    house.officers.disable(officer.id, first)
    for attempt in (lambda: house.sign_in.identify(token), lambda: sign_in(house, "carol")):
        with pytest.raises(NotSignedIn):
            attempt()
    with pytest.raises(Denied) as refused:
        house.officers.disable(OfficerId(first.id), first)
    assert refused.value.code == "own_request"
    with pytest.raises(Conflict) as twice:
        house.officers.disable(officer.id, first)
    assert twice.value.code == "already_disabled"
    with pytest.raises(NotFound) as unknown:
        house.officers.disable(OfficerId("nobody"), first)
    assert unknown.value.code == "no_officer"


def test_confirming_again_replaces_a_lost_password_and_ends_sessions(house: DeskIdentity) -> None:
    first = house.first_approver()
    person = house.mirror("person-1", "carol", *BOTH)
    old_code = house.officers.confirm(person, first, frozenset({OFFICER}))
    house.officers.enrol(old_code, PASSWORD)
    token = sign_in(house, "carol")
    code = house.officers.confirm(person, first, BOTH)
    with pytest.raises(NotSignedIn):
        house.sign_in.identify(token)
    with pytest.raises(NotSignedIn):
        sign_in(house, "carol")
    assert house.officers.enrol(code, "another fine password").roles == BOTH
    assert sign_in(house, "carol", "another fine password")


def test_the_name_of_a_former_officer_can_be_borne_by_a_new_one(house: DeskIdentity) -> None:
    first = house.first_approver()
    old = house.mirror("person-1", "carol", OFFICER)
    officer = house.officers.enrol(house.officers.confirm(old, first, frozenset({OFFICER})), PASSWORD)
    new = house.mirror("person-2", "carol", OFFICER)
    with pytest.raises(Conflict) as refused:
        house.officers.confirm(new, first, frozenset({OFFICER}))
    assert refused.value.code == "username_taken"
    house.officers.disable(officer.id, first)
    code = house.officers.confirm(new, first, frozenset({OFFICER}))
    assert house.officers.enrol(code, PASSWORD).person == new
    assert {one.person for one in house.officers.officers() if one.active} >= {new}
    assert house.officers.by_username("carol") is not None


# -- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Iterator[DeskIdentity]:
    made = desk_identity(tmp_path)
    yield made
    made.store.close()
