"""Steps of ``chancery backup`` and ``chancery restore``: what each role puts on record and in order."""

from typing import Any

from admin.cli.steps.acting import open_chat, open_desk
from admin.cli.steps.evidence import (
    rebuild_ledger,
    reconcile_at_worker,
    reconciled_at_desk,
    verify_ledger,
)
from audit.archive.differences import Difference, DifferenceKind
from core.errors import Conflict
from core.settings import Settings
from core.store import Tx
from core.trail import Tag

BY = "command line"
_OF_INDEX = {
    DifferenceKind.MISSING_DOCUMENT,
    DifferenceKind.EXTRA_DOCUMENT,
    DifferenceKind.DUPLICATE_DOCUMENT,
}


def record_backup(settings: Settings, argument: dict[str, Any]) -> None:
    """Put on record that a backup is taken; before it is, so that it is in the backup itself."""
    chat = open_chat(settings)
    chat.store.write(lambda tx: chat.trail.record(tx, Tag.BACKED_UP, BY, argument["name"], {}))


def restored_chat(settings: Settings, argument: dict[str, Any]) -> None:
    """End every session, those that had ended since the backup among them, and put that on record."""
    chat = open_chat(settings)

    def work(tx: Tx) -> None:
        ended = chat.sessions.do_revoke_everybody(tx)
        chat.trail.record(tx, Tag.RESTORED, BY, argument["name"], {"sessions": ended, "side": "chat"})

    chat.store.write(work)


def restored_worker(settings: Settings, _: dict[str, Any]) -> list[str]:
    """Make the ledger's files again, compare the stores; return what differs.

    Indexes are made again while the house is served: what one lacks, or a server kept of records that came
    after the backup, is no difference.
    """
    rebuild_ledger(settings, {})
    found = [Difference(**one) for one in reconcile_at_worker(settings, {})["differences"]]
    return [str(one) for one in found if one.kind not in _OF_INDEX]


def restored_desk(settings: Settings, argument: dict[str, Any]) -> list[str]:
    """End every officer's session, ask for new indexes, open every record; return what differs."""
    desk = open_desk(settings)

    def work(tx: Tx) -> None:
        ended = desk.sessions.do_revoke_everybody(tx)
        desk.trail.record(tx, Tag.RESTORED, BY, argument["name"], {"sessions": ended, "side": "desk"})

    desk.store.write(work)
    for partition in desk.rebuild.partitions():
        if not desk.partition_keys.generations(partition):
            continue  # it is destroyed, or about to be
        try:
            desk.rebuild.begin(partition, actor=BY)
        except Conflict:
            continue  # it was being built when the backup was taken, and goes on
    unopened = [str(Difference(**one)) for one in reconciled_at_desk(desk)["differences"]]
    return [*verify_ledger(settings, {})["findings"], *unopened]
