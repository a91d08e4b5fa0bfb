"""What IT does to accounts in the console, on the real store."""

import pytest

from admin.wiring.pages import PeopleAdministration
from core.errors import Conflict
from core.identity.permissions import Principal, PrincipalKind, Role
from tests.factories.desk import House


def test_an_administrator_disables_others_and_never_themselves(house: House) -> None:
    people = PeopleAdministration(house.chat)
    ida, lea = house.add("ida", "it", name="Ida"), house.add("lea", "operations", name="Lea")
    by = Principal(PrincipalKind.CHAT, ida, frozenset({Role.IT_ADMINISTRATOR}))
    people.disable(by, lea)
    with pytest.raises(Conflict) as refused:
        people.disable(by, ida)
    assert refused.value.code == "own_account"
    active = {row.id: row.active for row in people.everybody()}
    assert (active[ida], active[lea]) == (True, False)
