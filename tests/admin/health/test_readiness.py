"""A process says that it is ready only while it can do its work, and strangers learn no more than a code."""

from admin.databases.revision import check_newest, head
from admin.handbook import DOCS
from admin.health.readiness import LOOK_EVERY, REASONS, Check, Readiness
from admin.wiring.readiness import readiness
from core.access import Database
from core.errors import Unavailable
from policies.gate import FRESH_FOR
from tests.factories.desk import House
from tests.fakes.clock import DrivenClock


def test_a_process_with_its_database_and_its_policy_is_ready(house: House) -> None:
    gate = house.chat.gate
    found = readiness(house.clock, {Database.CHAT: house.chat.store}, policy=gate.epoch)
    gate.refresh()
    assert found.answer() == ({"ok": True}, 200)
    house.clock.advance(FRESH_FOR + LOOK_EVERY)
    assert found.reason() == "policy", "nobody confirmed it for a while"


def test_the_first_thing_that_is_wrong_is_told_by_its_code_alone() -> None:
    away = failing(Unavailable("The chat database at db1.acme.example is away.", code="store_unavailable"))
    found = Readiness(DrivenClock(), {"database": away, "policy": failing(RuntimeError("secret"))})
    assert found.answer() == ({"ok": False, "reason": "database"}, 503)


def test_a_database_at_another_revision_is_told_from_one_that_is_away() -> None:
    for at in ("0000", "9999"):
        found = Readiness(DrivenClock(), {"database": lambda at=at: check_newest(Database.CHAT, at)})  # type: ignore[misc]
        assert found.reason() == "revision"


def test_a_process_that_drains_is_not_ready_whatever_else_is_well() -> None:
    found = Readiness(DrivenClock(), {"database": lambda: None})
    assert found.reason() == ""
    found.drain()
    assert found.answer() == ({"ok": False, "reason": "draining"}, 503)


def test_however_many_ask_it_looks_once_a_second() -> None:
    clock, looks = DrivenClock(), [0]
    found = Readiness(clock, {"database": lambda: looks.append(0)})
    for _ in range(100):
        found.reason()
    assert len(looks) == 2
    clock.advance(LOOK_EVERY)
    found.reason()
    assert len(looks) == 3


def test_every_code_says_to_operators_what_to_do() -> None:
    for reason in REASONS.values():
        assert reason.says.endswith(".") and reason.next_step.endswith(".")


def test_the_handbook_explains_every_code() -> None:
    page = (DOCS / "monitoring.md").read_text("utf-8")
    assert [code for code in REASONS if f"`{code}`" not in page] == []


def test_the_newest_revision_is_the_one_that_alembic_would_go_to() -> None:
    from admin.migrations import _scripts

    for database in Database:
        assert head(database) == _scripts(database).get_current_head()


def failing(error: Exception) -> Check:
    def check() -> None:
        raise error

    return check
