"""``chancery init``: keys, databases, first administrator, first officer, first policy; all on record.

Each function is a step of one role. Only public keys cross between the steps; each side writes the
other's down as a pin that is never changed again.
"""

import base64
import secrets
from collections.abc import Mapping
from typing import Any

from admin.databases import database_of
from admin.house import setting_up
from admin.migrations import upgrade
from admin.roles import run_step
from admin.wiring.chat import chat_services
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.ground import Ground, chat_trail
from admin.wiring.policy import do_enforce, verify_approval
from admin.wiring.worker import worker_partitions
from audit.archive.names import check_month
from core.access import Database
from core.crypto.pins import DESK_MAILBOX, DISCOVERY_IDENTITY, WORKER_IDENTITY, WORKER_MAILBOX, Pins
from core.crypto.rings import LOG_ARCHIVE, LOG_AUDIT, ProcessRole, RingName, create_ring
from core.identity.builtin import BuiltinDirectory
from core.identity.directory import canonical_username
from core.settings import Settings
from core.store import Tx
from core.trail import Tag
from core.types import BundleHash, SystemClock
from policies.bundle import canonical, from_canonical
from policies.bundle_tests import run_tests
from policies.lifecycle import Approval, approve_first
from policies.standard import load_pack


def initialise(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    administrator: str,
    officer: str,
    officer_name: str = "",
    password: str | None = None,
    policy: str = "first",
    history_from: str | None = None,
    administrator_groups: tuple[str, ...] = ("it",),
) -> dict[str, str]:
    """Set a new house up; return the sign-in of the administrator and the officer's one-time code.

    Raises:
        InvalidInput: ``month`` if ``history_from`` is none.
        Conflict: ``already_initialised``, ``being_set_up``; nothing was changed.
        StepFailed: what a step refused; no half of a house is left.
    """
    if history_from is not None:
        check_month(history_from)
    with setting_up(settings):
        settings.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for database in Database:
            upgrade(database_of(settings, database))
        worker = run_step(ProcessRole.WORKER, "create-worker", environ)
        desk = run_step(
            ProcessRole.DESK,
            "create-desk",
            environ,
            pins=worker,
            officer=officer,
            officer_name=officer_name or officer.title(),
            pack=policy,
            history_from=history_from,
        )
        run_step(ProcessRole.WORKER, "open-worker", environ, pins=desk["pins"], approval=desk["approval"])
        answer = {"officer": officer, "code": desk["code"]}
        if settings.directory_kind == "builtin":
            password = password or secrets.token_urlsafe(15)
            run_step(
                ProcessRole.PAGES,
                "first-administrator",
                environ,
                username=administrator,
                password=password,
                groups=list(administrator_groups),
            )
            answer |= {"administrator": administrator, "password": password}
    return answer


# -- steps ---------------------------------------------------------------------------------------


def create_worker(settings: Settings, _: dict[str, Any]) -> dict[str, str]:
    """Make the chat, archive and ledger rings; return the public keys that the desk pins."""
    role = ProcessRole.WORKER
    create_ring(RingName.CHAT, settings.keys_dir, role)
    archive = create_ring(RingName.ARCHIVE, settings.keys_dir, role)
    ledger = create_ring(RingName.LEDGER, settings.keys_dir, role)
    return {
        WORKER_MAILBOX: _text(archive.mailbox().public.to_bytes()),
        WORKER_IDENTITY: _text(archive.signer().verifier.public),
        LOG_ARCHIVE: _text(ledger.signer(LOG_ARCHIVE).verifier.public),
        LOG_AUDIT: _text(ledger.signer(LOG_AUDIT).verifier.public),
    }


def create_desk(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Make the discovery ring, pin the worker, offer partitions, sign the first policy, name the officer."""
    ring = create_ring(RingName.DISCOVERY, settings.keys_dir, ProcessRole.DESK)
    for name, public in argument["pins"].items():
        Pins(ring).set(name, _bytes(public))
    desk = desk_services(Ground(settings, ProcessRole.DESK, SystemClock()))
    desk.offers.offer_months(actor="init", history_from=argument["history_from"])
    name = canonical_username(argument["officer"])
    return {
        "pins": {
            DISCOVERY_IDENTITY: _text(ring.signer().verifier.public),
            DESK_MAILBOX: _text(ring.mailbox().public.to_bytes()),
        },
        "approval": _approve_first_policy(desk, argument["pack"]),
        "code": desk.officers.first_officer(name, argument["officer_name"]),
    }


def _approve_first_policy(desk: DeskServices, pack: str) -> dict[str, Any]:
    """Check, test and sign the first bundle: the only one that is enforced without a second person."""
    bundle = load_pack(pack)
    report = run_tests(desk.compiler.compile(bundle))
    form = canonical(bundle)
    approval = approve_first(form, report, desk.ring.signer().sign)
    desk.approvals.record_first(approval, form)
    return {
        "hash": approval.hash,
        "number": approval.number,
        "predecessor": approval.predecessor,
        "signature": _text(approval.signature),
        "canonical": _text(form),
    }


def open_worker(settings: Settings, argument: dict[str, Any]) -> None:
    """Pin the desk, take its partition offers up, verify the first policy and put it in force."""
    ground = Ground(settings, ProcessRole.WORKER, SystemClock())
    for ring_name in (RingName.CHAT, RingName.ARCHIVE):
        pins = Pins(ground.ring(ring_name))
        for pin, public in argument["pins"].items():
            pins.set(pin, _bytes(public))
    worker_partitions(ground).accept_offers()
    given = argument["approval"]
    approval = Approval(
        hash=BundleHash(given["hash"]),
        number=given["number"],
        predecessor=BundleHash(given["predecessor"]),
        signature=_bytes(given["signature"]),
    )
    ring, form = ground.ring(RingName.CHAT), _bytes(given["canonical"])
    verify_approval(ring, approval)
    from_canonical(form)
    trail = chat_trail(ground, ring)

    def work(tx: Tx) -> None:
        do_enforce(tx, approval, form, ground.clock)
        trail.record(tx, Tag.INITIALISED, "init", settings.tenant, {})
        trail.record(tx, Tag.POLICY_ENFORCED, "init", approval.hash, {"number": approval.number})

    ground.store(Database.CHAT).write(work)


def first_administrator(settings: Settings, argument: dict[str, Any]) -> str:
    """Add the first administrator to the built-in directory, as an account of the house: nobody's own."""
    services = chat_services(Ground(settings, ProcessRole.PAGES, SystemClock()))
    assert isinstance(services.directory, BuiltinDirectory)
    person = services.directory.add(
        argument["username"],
        argument["password"],
        display_name=argument["username"].title(),
        by="init",
        groups=(*argument["groups"], *settings.directory_service_groups[:1]),
    )
    return person.id


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
