"""A whole house in one process, around a driven clock: the chat, the worker and the desk as they are wired.

Every half opens its stores with its own grants and its own rings, as its process would.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from admin.databases import database_of
from admin.desk_jobs import DeskJobs
from admin.initialise import create_desk, create_worker, open_worker
from admin.migrations import upgrade
from admin.mirror import Mirror
from admin.wiring.chat import ChatServices
from admin.wiring.desk import DeskServices, desk_services
from admin.wiring.desk_pages import DeskPages, desk_pages
from admin.wiring.ground import Ground
from admin.wiring.worker import WorkerServices, worker_services
from audit.archive.key_reader import KeyReader
from audit.archive.reader import ArchiveReader
from audit.archive.scope import Scopes
from audit.archive.search_service import SearchService
from audit.search.port import SearchIndex
from core.access import Database
from core.crypto.rings import ProcessRole
from core.identity.builtin import BuiltinDirectory
from core.identity.permissions import DESK_ROLES, Principal, PrincipalKind, Role
from core.identity.sealing import Recorder
from core.messaging.service import Messaging
from core.settings import Settings
from core.types import ConversationId, ConversationKind, ItemId, OfficerId, PersonId, new_id
from tests.fakes.clock import DrivenClock

PASSWORD = "correct horse 7 battery"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HISTORY = "2026-03"

ROLES = {role.value: (role.value,) for role in DESK_ROLES}
"""Each desk role has a group of the same name in the directory."""


@dataclass
class House:
    """The firm: people by user name, and both halves of the suite."""

    settings: Settings
    clock: DrivenClock
    code: str
    worker: WorkerServices
    services: DeskServices
    pages: DeskPages
    jobs: DeskJobs
    mirror: Mirror
    people: dict[str, PersonId] = field(default_factory=dict)

    @property
    def chat(self) -> ChatServices:
        return self.worker.chat

    def add(self, username: str, *groups: str, name: str = "") -> PersonId:
        """Add a person to the built-in directory."""
        assert isinstance(self.chat.directory, BuiltinDirectory)
        person = self.chat.directory.add(
            username, PASSWORD, display_name=name or username.title(), by="test", groups=groups
        )
        self.people[username] = person.id
        return person.id

    def group(self, *usernames: str) -> ConversationId:
        return self._open(ConversationKind.GROUP, usernames, "")

    def channel(self, name: str, *usernames: str) -> ConversationId:
        return self._open(ConversationKind.PUBLIC, usernames, name)

    def send(self, conversation: ConversationId, sender: str, text: str, **more: Any) -> dict[str, Any]:
        return self._talk().send(self.people[sender], new_id(), conversation, text, **more)

    def edit(self, conversation: ConversationId, sender: str, item: ItemId, text: str) -> dict[str, Any]:
        return self._talk().edit(self.people[sender], new_id(), conversation, item, text)

    def delete(self, conversation: ConversationId, sender: str, item: ItemId) -> dict[str, Any]:
        return self._talk().delete(self.people[sender], new_id(), conversation, item)

    def invite(self, conversation: ConversationId, sender: str, who: str) -> dict[str, Any]:
        return self._talk().invite(self.people[sender], new_id(), conversation, self.people[who])

    def remove(self, conversation: ConversationId, sender: str, who: str) -> dict[str, Any]:
        return self._talk().remove(self.people[sender], new_id(), conversation, self.people[who])

    def react(self, conversation: ConversationId, sender: str, item: ItemId, alias: str) -> dict[str, Any]:
        return self._talk().react(self.people[sender], new_id(), conversation, item, alias, add=True)

    def withdraw(self, conversation: ConversationId, sender: str, item: ItemId) -> dict[str, Any]:
        return self._talk().withdraw(self.people[sender], new_id(), conversation, item)

    def work(self) -> None:
        """Let the worker do everything that is to be done."""
        self.chat.gate.refresh()
        self.worker.partitions.accept_offers()
        self.mirror.run()
        self.jobs.run()
        self.jobs.lapse()
        self.worker.archiver.run_until_idle()

    def work_at_desk(self) -> None:
        """Let the desk do everything that is to be done."""
        self.services.offers.offer_months(actor="schedule")
        self.services.offers.handle_reports()
        self.services.disposal.run()
        self.services.rebuild.go_on()
        self.services.carrier.carry()
        self.services.officers.disable_leavers()

    def officer(self, username: str, *roles: Role, name: str = "") -> OfficerId:
        """Confirm and enrol somebody whom the directory names for ``roles``."""
        person = self.add(username, "compliance", *roles, name=name)
        self.mirror.run()
        approver = Principal(PrincipalKind.DESK, "approver", frozenset({Role.COMPLIANCE_APPROVER}))
        code = self.services.officers.confirm(person, approver, frozenset(roles))
        return self.services.officers.enrol(code, PASSWORD).id

    def close(self) -> None:
        stores = (
            self.chat.store, self.worker.archive, self.worker.keystore, self.worker.desk,
            self.services.archive, self.services.keystore, self.services.store,
        )  # fmt: skip
        for store in stores:
            store.close()

    def _talk(self) -> Messaging:
        """Return the messaging core a second later, under a policy that is confirmed."""
        self.clock.advance(1)
        self.chat.gate.refresh()
        return self.chat.messaging

    def _open(self, kind: ConversationKind, usernames: tuple[str, ...], name: str) -> ConversationId:
        first, *others = (self.people[username] for username in usernames)
        opened = self._talk().open(first, new_id(), kind, others, name)
        return ConversationId(opened["conversation"])


def settings_of(home: Path) -> Settings:
    """Return the settings of a house: as shipped, with cheap hashing."""
    return Settings(home=home, argon2_memory_kib=64, argon2_passes=1, directory_roles=ROLES)


def make_template(home: Path) -> Settings:
    """Set a house up, as ``chancery init`` does, but without child processes."""
    settings = settings_of(home)
    for database in Database:
        upgrade(database_of(settings, database))
    pins = create_worker(settings, {})
    desk = create_desk(
        settings,
        {
            "pins": pins,
            "officer": "first",
            "officer_name": "First Officer",
            "pack": "demo",
            "history_from": HISTORY,
        },
    )
    open_worker(settings, {"pins": desk["pins"], "approval": desk["approval"]})
    (home / "code").write_text(desk["code"])
    return settings


def make_house(
    template: Path,
    home: Path,
    start: datetime = START,
    *,
    clock: DrivenClock | None = None,
    on_point: Callable[[str], None] | None = None,
    settings: Settings | None = None,
) -> House:
    """Return a house of its own, copied from one that was set up; one that is there is opened again."""
    if not home.exists():
        shutil.copytree(template, home)
    settings = settings or settings_of(home)
    clock = clock or DrivenClock(start)
    worker = worker_services(Ground(settings, ProcessRole.WORKER, clock, on_point))
    services = desk_services(Ground(settings, ProcessRole.DESK, clock, on_point))
    house = House(
        settings, clock, (home / "code").read_text(), worker, services, desk_pages(services),
        DeskJobs(worker), Mirror(worker),
    )  # fmt: skip
    house.chat.gate.refresh()
    return house


def with_search(
    house: House,
    *,
    index: SearchIndex | None = None,
    record: Recorder | None = None,
    reader: ArchiveReader | None = None,
) -> DeskServices:
    """Return the desk of ``house``, searching with something else under it."""
    services, index = house.services, index or house.worker.index
    keys = KeyReader(
        keystore_store=services.keystore, keys=services.partition_keys, tenant=house.settings.tenant
    )
    scopes = Scopes(
        archive_store=services.archive,
        keystore_store=services.keystore,
        keys=keys,
        index=index,
        tenant=house.settings.tenant,
    )
    search = SearchService(
        reader=reader or services.reader,
        scopes=scopes,
        index=index,
        desk_store=services.store,
        admit=services.matters.admit,
        record=record or services.trail.record,
    )
    return replace(services, search=search)
