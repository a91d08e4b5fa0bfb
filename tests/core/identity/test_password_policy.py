"""The password policy of a real OpenLDAP server: what it says, and to whom it is passed on."""

from datetime import timedelta
from typing import Any

import pytest
from ldap3 import NONE, SAFE_SYNC, Connection, Server

from core.errors import NotSignedIn, Unavailable
from core.identity.ldap.bind import ASK_FOR_POLICY, Answer, Bound, answer_to
from core.types import SystemClock
from tests.contracts.directory import OTHER_PASSWORD, PASSWORD
from tests.factories.ldap import Connect, connect_to
from tests.services.openldap import LdapBranch, OpenLdap

pytestmark = [
    pytest.mark.services,
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]

LONG_AGO = "20200101000000Z"
POLICY = ASK_FOR_POLICY[0]
MUST_CHANGE = b"0\x03\x81\x01\x02"


@pytest.fixture(params=["search", "template"])
def way(request: pytest.FixtureRequest, ldap_branch: LdapBranch) -> dict[str, str]:
    """Both ways to check a password."""
    template = f"uid={{username}},{ldap_branch.people}"
    return {"user_dn_template": template} if request.param == "template" else {}


# -- whose password is right ----------------------------------------------------------------------


def test_nobody_gets_in_with_a_password_that_must_be_changed(
    ldap_branch: LdapBranch, connect: Connect, way: dict[str, str]
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.rule(dn, pwdMustChange="TRUE")
    ldap_branch.replace(dn, "pwdReset", "TRUE")
    assert _refused(connect(**way), PASSWORD) == "password_must_change"
    assert _refused(connect(**way), OTHER_PASSWORD) == "bad_credentials"
    ldap_branch.replace(dn, "pwdReset", "FALSE")
    assert connect(**way).authenticate("alice", PASSWORD).username == "alice"


def test_an_expired_password_is_told_so_when_it_is_the_right_one(
    ldap_branch: LdapBranch, connect: Connect, way: dict[str, str]
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.rule(dn, pwdMaxAge="1000")
    ldap_branch.set_password_at(dn, LONG_AGO)
    assert _refused(connect(**way), PASSWORD) == "password_expired"
    assert _refused(connect(**way), OTHER_PASSWORD) == "bad_credentials"


def test_an_expired_password_is_good_as_often_as_the_policy_says(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.rule(dn, pwdMaxAge="1000", pwdGraceAuthNLimit="2")
    ldap_branch.set_password_at(dn, LONG_AGO)
    for _ in range(2):
        assert connect().authenticate("alice", PASSWORD).username == "alice"
    assert _refused(connect(), PASSWORD) == "password_expired"


def test_nobody_leaves_because_a_password_expired_or_must_be_changed(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    for name, attributes in (("alice", {"pwdMustChange": "TRUE"}), ("bob", {"pwdMaxAge": "1000"})):
        dn = ldap_branch.add_person(name, PASSWORD)
        ldap_branch.rule(dn, **attributes)
        ldap_branch.replace(dn, "pwdReset", "TRUE")
        ldap_branch.set_password_at(dn, LONG_AGO)
    assert len(connect().read().present) == 2


# -- locked ---------------------------------------------------------------------------------------


def test_a_lock_that_the_server_tells_to_any_password_is_passed_on_to_nobody(
    openldap: OpenLdap, ldap_branch: LdapBranch, connect: Connect, way: dict[str, str]
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.lock_after(dn, 2)
    answers = [_refused(connect(**way), OTHER_PASSWORD) for _ in range(2)]
    assert _said(openldap, dn, OTHER_PASSWORD) == _said(openldap, dn, PASSWORD) == Bound.LOCKED
    answers += [_refused(connect(**way), password) for password in (OTHER_PASSWORD, PASSWORD)]
    answers += [_refused(connect(**way), OTHER_PASSWORD, "nobody")]
    assert set(answers) == {"bad_credentials"}


def test_a_locked_account_with_an_expired_password_is_told_nothing(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    dn = ldap_branch.add_person("alice", PASSWORD)
    ldap_branch.rule(dn, pwdLockout="TRUE", pwdMaxFailure="1", pwdLockoutDuration="300", pwdMaxAge="1000")
    ldap_branch.set_password_at(dn, LONG_AGO)
    assert _refused(connect(), OTHER_PASSWORD) == "bad_credentials"
    assert _refused(connect(), PASSWORD) == "bad_credentials"


# -- the service account --------------------------------------------------------------------------


def test_operators_see_that_the_password_of_the_service_account_expires(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    ldap_branch.add_person("alice", PASSWORD)
    assert connect().health()[0].says == "Answers, and takes the service account."
    ldap_branch.rule(ldap_branch.service_dn, pwdMaxAge="3000000", pwdExpireWarning="2999999")
    yesterday = SystemClock().now() - timedelta(days=1)
    ldap_branch.set_password_at(ldap_branch.service_dn, f"{yesterday:%Y%m%d%H%M%SZ}")
    assert connect().health()[0].warning == "The service account: its password expires in 33 days."
    ldap_branch.set_password_at(ldap_branch.service_dn, LONG_AGO)
    with pytest.raises(Unavailable) as refused:
        connect().find("alice")
    assert refused.value.params["reason"] == "service_account"
    assert "whose password has expired" in refused.value.message


def test_operators_are_told_that_the_service_account_is_locked(
    ldap_branch: LdapBranch, connect: Connect
) -> None:
    ldap_branch.lock_after(ldap_branch.service_dn, 1)
    connect(bind_password=OTHER_PASSWORD).health()
    health = connect().health()[0]
    assert not health.ok
    assert "the service account, which is locked" in health.says


# -- the answer itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value", "answer"),
    [
        (0, b"0\x00", Answer(Bound.ACCEPTED)),
        (0, None, Answer(Bound.ACCEPTED)),
        (0, MUST_CHANGE, Answer(Bound.MUST_CHANGE)),
        (0, b"0\x84\x00\x00\x00\x03\x81\x01\x02", Answer(Bound.MUST_CHANGE)),
        (49, b"0\x03\x81\x01\x00", Answer(Bound.EXPIRED)),
        (49, b"0\x03\x81\x01\x01", Answer(Bound.LOCKED)),
        (49, b"0\x03\x81\x01\x05", Answer(Bound.REFUSED)),
        (49, b"0\x00", Answer(Bound.REFUSED)),
        (0, b"0\x05\xa0\x03\x81\x01\x02",
         Answer(Bound.ACCEPTED, "its password has expired and is accepted only 2 times more")),
        (0, b"0\x06\xa0\x04\x80\x02\x0e\x10", Answer(Bound.ACCEPTED, "its password expires within a day")),
        (0, b"0\x08\xa0\x03\x81\x01\x02\x81\x01\x02", Answer(Bound.MUST_CHANGE)),
        (51, b"0\x00", None),
    ],
)  # fmt: skip
def test_what_a_policy_says_outweighs_what_the_bind_says(
    code: int, value: bytes | None, answer: Answer | None
) -> None:
    assert answer_to(_result(code, value)) == answer


@pytest.mark.parametrize("end", range(1, len(MUST_CHANGE)))
def test_an_answer_that_breaks_off_lets_nobody_in(end: int) -> None:
    with pytest.raises(ValueError, match="breaks off"):
        answer_to(_result(0, MUST_CHANGE[:end]))


# -- fixtures -------------------------------------------------------------------------------------


def _result(code: int, value: bytes | None) -> dict[str, Any]:
    return {"result": code, "message": "", "controls": {POLICY: {"value": value}}}


def _refused(directory: Any, password: str, username: str = "alice") -> str:
    with pytest.raises(NotSignedIn) as refused:
        directory.authenticate(username, password)
    return refused.value.code


def _said(server: OpenLdap, dn: str, password: str) -> Bound | None:
    """Return what the server itself says to a password."""
    at = Server("127.0.0.1", port=server.plain_port, get_info=NONE)
    connection: Any = Connection(at, dn, password, client_strategy=SAFE_SYNC)
    connection.open(read_server_info=False)
    _, result, _, _ = connection.bind(read_server_info=False, controls=[ASK_FOR_POLICY])
    connection.unbind()
    answer = answer_to(result)
    return answer.bound if answer else None


@pytest.fixture
def connect(openldap: OpenLdap, ldap_branch: LdapBranch) -> Connect:
    return connect_to(openldap, ldap_branch)
