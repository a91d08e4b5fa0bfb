"""What a process of the chat looks at: its database, the chat ring, the policy's signature, the directory."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from admin.health.checks.common import (
    database_check,
    open_store,
    pins_of,
    ring_check,
    ring_or_none,
    told,
)
from admin.health.limits import Check
from admin.health.lines import HealthLine, ok, red, warning
from admin.health.told import bus_line, server_lines
from admin.wiring.chat import bus_of, chat_services
from admin.wiring.ground import Ground
from admin.wiring.policy import StoredBundles, highest_path
from admin.wiring.sync import ldap_directory
from core.access import Database
from core.blocking import ThreadBlocking
from core.crypto.pins import DESK_MAILBOX, DISCOVERY_IDENTITY, Pins
from core.crypto.rings import ProcessRole, RingName, open_ring
from core.errors import IntegrityError
from core.identity.directory import mapping_from_settings
from core.settings import Settings
from core.types import SystemClock
from policies.gate import check_approved
from policies.highest import HighestBundle

ROLE = ProcessRole.PAGES


def check(settings: Settings, _: dict[str, Any]) -> dict[str, Any]:
    """Look at what the chat's roles may open."""
    checks = [
        database_check(settings, ROLE, Database.CHAT),
        ring_check(settings, ROLE, RingName.CHAT),
        Check("policy signature", lambda: _policy(settings)),
    ]
    if settings.directory_kind == "ldap":
        # Each server may take its whole time, one after the other.
        patience = settings.ldap_timeout_seconds * 3 * len(settings.ldap_uris) + 5
        checks.append(Check("directory from here", lambda: _directory(settings), patience))
        checks.append(Check("role groups", lambda: _role_groups(settings)))
    if settings.bus_url:
        checks.append(Check("bus from here", lambda: _bus(settings)))
    ring = ring_or_none(settings, ROLE, RingName.CHAT)
    return told(checks, own={}, pins=pins_of(ring, DISCOVERY_IDENTITY, DESK_MAILBOX))


def _policy(settings: Settings) -> Iterator[HealthLine]:
    """Check the policy in force as a process does before it takes it, and change nothing."""
    name = "policy signature"
    store = open_store(settings, ROLE, Database.CHAT)
    try:
        enforced = StoredBundles(store).current()
    finally:
        store.close()
    desk = Pins(open_ring(RingName.CHAT, settings.keys_dir, ROLE)).verifier(DISCOVERY_IDENTITY)
    try:
        check_approved(
            enforced,
            lambda payload, signature: desk.verify(signature, payload),
            HighestBundle(highest_path(settings, ROLE)),
        )
    except IntegrityError as error:
        step = "Somebody changed the database, or put an older one back: restore the right one."
        yield red(name, f"Number {enforced.number} is refused: {error.message}", step)
        return
    yield ok(name, f"Number {enforced.number} is signed by the desk that is pinned here, and none was newer.")


def _bus(settings: Settings) -> Iterator[HealthLine]:
    ground = Ground(settings, ROLE, SystemClock())
    bus = bus_of(ground, ground.ring(RingName.CHAT), ThreadBlocking())
    state = bus.ask()
    bus.close()
    if state is not None:
        yield bus_line("bus from here", state.ok, state.detail)


def _directory(settings: Settings) -> Iterator[HealthLine]:
    servers = ldap_directory(settings).health()
    yield from server_lines("directory from here", [asdict(one) for one in servers])


def _role_groups(settings: Settings) -> Iterator[HealthLine]:
    """Say which roles nobody has although groups are named for them: a name that is spelled otherwise."""
    open_store(settings, ROLE, Database.CHAT).close()
    chat = chat_services(Ground(settings, ROLE, SystemClock()))
    try:
        people = [one for one in chat.store.read(lambda tx: list(chat.people.everybody(tx))) if one.active]
    finally:
        chat.store.close()
    mapping, name = mapping_from_settings(settings), "role groups"
    had = {
        role
        for one in people
        for role in mapping.roles_for(one.profile) | mapping.candidate_roles_for(one.profile)
    }
    missing = [
        f"{role} ({', '.join(sorted(groups))})" for role, groups in mapping.roles.items() if role not in had
    ]
    if not missing:
        yield ok(name, "Each role of `directory.roles` has somebody in its groups.")
        return
    step = (
        "If somebody should be: `chancery directory show NAME` shows the groups of a person as they are "
        "spelled here, and `directory.roles` has to spell them alike."
    )
    yield warning(name, f"Nobody here is in a group for {'; '.join(missing)}.", step)
