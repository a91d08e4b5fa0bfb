"""The directory sync of a chat process: the worker's, and the command line's."""

from admin.wiring.chat import ChatServices
from core.errors import Conflict
from core.identity.builtin import BuiltinDirectory
from core.identity.sync import DirectorySync, SyncLimits


def directory_sync(chat: ChatServices) -> DirectorySync:
    """Return what compares people with the directory server.

    Raises:
        Conflict: ``no_directory_server``; people are kept here.
    """
    if isinstance(chat.directory, BuiltinDirectory):
        raise Conflict(
            "People are kept here, not in a directory server: there is nothing to sync with. "
            "Set directory.kind to have them come from one.",
            code="no_directory_server",
        )
    limits = SyncLimits(chat.settings.directory_leavers_percent)
    return DirectorySync(chat.store, chat.directory, chat.people, chat.clock, chat.trail.record, limits)
