"""Steps of ``chancery matter``, ``hold``, ``keys`` and ``policy replay``, at the desk."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from admin.cli.steps.acting import acting_officer, open_desk
from admin.wiring.desk import DeskServices
from admin.wiring.desk_pages.names import Names
from admin.wiring.replaying import replay_archive
from audit.archive.names import CLASSES, check_month, month_after
from audit.archive.offers import MONTHS_AHEAD
from audit.archive.search_service import Purpose
from audit.matters.matters import Matter
from audit.retention.legal_holds import Hold, HoldScope
from core.crypto.chat_keys import month_of
from core.errors import NotFound
from core.identity.directory import canonical_username
from core.identity.permissions import Permission
from core.settings import Settings
from core.trail import Tag
from core.types import OfficerId


def open_matter(settings: Settings, argument: dict[str, Any]) -> int:
    """Open a matter; return its number."""
    desk = open_desk(settings)
    by = acting_officer(desk, argument, Permission.MATTER_OPEN)
    officers = _officers(desk, argument["officers"])
    return desk.matters.open(OfficerId(by.id), argument["purpose"], officers).number


def add_hold(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Put a person or a conversation on hold inside a matter."""
    desk = open_desk(settings)
    by = acting_officer(desk, argument, Permission.HOLD_MANAGE)
    matter = _matter(desk, OfficerId(by.id), argument["matter"])
    scope = HoldScope(
        person=_person(desk, argument["person"]) if argument["person"] else None,
        conversation=argument["conversation"],
        since=_instant(argument["since"]),
        until=_instant(argument["until"]),
    )
    purpose = Purpose(by.id, matter.id, argument["reason"])
    return _shown(desk, desk.holds.add(purpose, scope, accept_lost=argument["accept_lost"]))


def release_hold(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Release a hold by its number; nothing is deleted by that."""
    desk = open_desk(settings)
    by = acting_officer(desk, argument, Permission.HOLD_MANAGE)
    found = [hold for hold in desk.holds.all() if hold.number == argument["number"]]
    if not found:
        raise NotFound(f"There is no hold {argument['number']}.", code="no_hold")
    purpose = Purpose(by.id, found[0].matter, argument["reason"])
    return _shown(desk, desk.holds.release(found[0].id, purpose))


def list_holds(settings: Settings, argument: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every hold, released ones too."""
    desk = open_desk(settings)
    acting_officer(desk, argument, Permission.HOLD_MANAGE)
    return [_shown(desk, hold) for hold in desk.holds.all()]


def keys_status(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Return which partitions have keys, which lack them ahead, and which were destroyed."""
    desk = open_desk(settings)
    acting_officer(desk, argument, Permission.KEYS_MANAGE)
    now = month_of(desk.clock.now())
    ahead = [f"{month_after(now, n)}-{name}" for n in range(MONTHS_AHEAD + 1) for name in CLASSES]
    states = desk.disposal.states()
    return {
        "ahead": len(ahead),
        "missing": [name for name in ahead if not desk.partition_keys.generations(name)],
        "pinned": desk.disposal.pinned(),
        "dispositions": {partition: str(state) for partition, state in states.items()},
    }


def rotate_keys(settings: Settings, argument: dict[str, Any]) -> list[str]:
    """Make the keys of coming months that are not there yet; return the partitions."""
    desk = open_desk(settings)
    by = acting_officer(desk, argument, Permission.KEYS_MANAGE)
    made = list(desk.offers.offer_months(actor=by.id))
    desk.store.write(
        lambda tx: desk.trail.record(tx, Tag.KEYS_ROTATED, by.id, "partitions", {"partitions": made})
    )
    return [str(partition) for partition in made]


def replay_policy(settings: Settings, argument: dict[str, Any]) -> dict[str, int]:
    """Decide archived messages again; return how many came out how."""
    desk = open_desk(settings)
    by = acting_officer(desk, argument, Permission.POLICY_REPLAY)
    months = {name: argument[name] and check_month(argument[name]) for name in ("first_month", "last_month")}
    return dict(replay_archive(desk, by.id, **months))


def _officers(desk: DeskServices, names: Iterable[str]) -> list[OfficerId]:
    found = []
    for name in names:
        officer = desk.officers.by_username(name)
        if officer is None or not officer.active:
            raise NotFound(f"No officer goes by {name!r}.", code="no_officer")
        found.append(officer.id)
    return found


def _matter(desk: DeskServices, officer: OfficerId, number: int) -> Matter:
    for matter in desk.matters.of(officer):
        if matter.number == number:
            return matter
    raise NotFound(f"There is no matter {number}, or it is not yours.", code="no_matter")


def _person(desk: DeskServices, username: str) -> str:
    """Return the person of that name as mirrored; leavers can be held too."""
    wanted, names = canonical_username(username), Names(desk)
    for people in (names.people(), names.people(leavers=True)):
        for one in people:
            if canonical_username(one.username) == wanted:
                return one.id
    raise NotFound(
        f"Nobody goes by {username!r}. Somebody new is known here within a second.", code="no_person"
    )


def _shown(desk: DeskServices, hold: Hold) -> dict[str, Any]:
    names = {str(one.id): one.username for one in Names(desk).people(leavers=True)}
    scope = hold.scope
    return {
        "number": hold.number,
        "person": names.get(scope.person, scope.person) if scope.person else None,
        "conversation": scope.conversation,
        "since": scope.since.date().isoformat() if scope.since else None,
        "until": scope.until.date().isoformat() if scope.until else None,
        "active": hold.active,
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
