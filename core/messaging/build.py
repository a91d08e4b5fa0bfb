"""Puts the messaging core of one process together from its stores, keys and ports."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from core.crypto.chat_keys import ChatKeys
from core.crypto.owner_keys import OwnerKeys, OwnerTitles
from core.messaging.mentions import Mentions
from core.messaging.model import NewVersion, Outcome
from core.messaging.naming import Naming
from core.messaging.paging import Paging
from core.messaging.pins import Pins
from core.messaging.pipeline import Pipeline
from core.messaging.previews import do_want_preview
from core.messaging.resync import Resync
from core.messaging.rooms import Rooms, Roster
from core.messaging.scheduled import Scheduled
from core.messaging.send import Writing
from core.messaging.service import Messaging
from core.messaging.showing import Showing
from core.messaging.state import Key, foresee
from core.messaging.threads import Threads
from core.messaging.vault import Vault
from core.messaging.versions import VersionWriter
from core.messaging.wordings import Wordings
from core.messaging.writer import GroupCommit
from core.ports import Blocking, Delivery, PolicyGate
from core.settings import Settings
from core.store import Store, Tx
from core.types import Clock, ConversationId, UsageRules


def build_messaging(
    *,
    settings: Settings,
    store: Store,
    keys: ChatKeys,
    owners: OwnerKeys,
    roster: Roster,
    gate: PolicyGate,
    delivery: Delivery,
    blocking: Blocking,
    clock: Clock,
    preceding: Callable[[], timedelta],
    usage: Callable[[], UsageRules] = UsageRules,
    admit: Callable[[], None] = lambda: None,
) -> Messaging:
    """Return the messaging core. ``admit`` may refuse an attempt, as when the archive is behind."""
    vault = Vault(keys)
    titles = OwnerTitles(owners)
    rooms = Rooms(roster, titles)
    naming = Naming(rooms)
    writer: GroupCommit[Key, Outcome] = GroupCommit(
        store,
        blocking,
        lambda outcomes: _deliver(delivery, outcomes),
        foresee=foresee,
        limit=settings.pending_limit,
    )
    pipeline = Pipeline(
        store=store,
        vault=vault,
        rooms=rooms,
        gate=gate,
        writer=writer,
        blocking=blocking,
        clock=clock,
        preceding=preceding,
        admit=admit,
    )
    showing = Showing(vault)

    def want_preview(tx: Tx, new: NewVersion, conversation: ConversationId) -> None:
        if settings.previews_enabled and usage().previews:
            do_want_preview(tx, new, conversation)

    writing = Writing(
        VersionWriter(vault, naming, want_preview), clock, settings.message_max_chars, rooms, showing, usage
    )
    return Messaging(
        rooms=rooms,
        resync=Resync(rooms, showing, naming),
        paging=Paging(rooms, showing),
        threads=Threads(rooms, showing),
        mentions=Mentions(showing),
        pins=Pins(rooms, showing),
        wordings=Wordings(rooms, vault, usage),
        naming=naming,
        scheduled=Scheduled(vault, writing),
        store=store,
        blocking=blocking,
        pipeline=pipeline,
        writing=writing,
        vault=vault,
        roster=roster,
        titles=titles,
        clock=clock,
        tag=owners.tag,
        ensure_owner=owners.ensure,
    )


def _deliver(delivery: Delivery, outcomes: Sequence[Outcome]) -> None:
    """Hand what was committed to the people who may see it, in the order of the commits."""
    for outcome in outcomes:
        for conversation, person in outcome.joined:
            delivery.membership_changed(conversation, person, member=True)
        for frame in outcome.frames:
            delivery.committed(frame.conversation, [frame])
        for conversation, person in outcome.left:
            delivery.membership_changed(conversation, person, member=False)
        for conversation in outcome.ended:
            delivery.stops_changed(conversation)
