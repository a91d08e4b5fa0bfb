"""A real directory server behind a served house: it signs people in, and what changes there takes effect at once."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Windows
from tests.e2e.machine.conftest import Machine
from tests.factories.suite import PASSWORD, wait_for

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.services,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:.*Map is deprecated. Please use:DeprecationWarning"),
]


def test_one_signs_in_by_ldap_with_starttls(machine: Machine, windows: Windows) -> None:
    machine.firm.add("lena", "research", cn="Lena Berg")
    url = machine.suite.settings.chat_url
    lena = windows.open("lena")
    lena.sign_in(url, "lena", "not her password")
    expect(lena.page.get_by_role("alert")).to_be_visible()
    started = machine.slapd.operations("Extended")
    lena.sign_in(url, "lena", PASSWORD)
    expect(lena.page.get_by_role("navigation", name="Conversations")).to_be_visible()
    lena.sees("Lena Berg")
    assert machine.slapd.operations("Extended") > started


def test_leavers_and_changed_groups_take_effect_on_live_sockets(machine: Machine) -> None:
    firm = machine.firm
    for name in ("mia", "noa", "ole"):
        firm.add(name)
    mia, noa, ole = (machine.suite.connect(name) for name in ("mia", "noa", "ole"))
    assert all(client.emit("hello")["ok"] for client in (mia, noa, ole))

    firm.branch.add_group("policy-authors", [firm.entries["ole"]])
    wait_for(lambda: "policy_author" in ole.emit("hello")["me"]["roles"], 60, "the new role")

    firm.branch.remove(firm.entries["mia"])
    mia.wait(lambda: mia.closed, timeout=60)
    assert mia.heard("signed_out")

    firm.branch.leave_group(firm.groups["staff"], firm.entries["noa"])
    noa.wait(lambda: noa.closed, timeout=60)
    assert ole.emit("hello")["ok"], "nobody else is touched"
