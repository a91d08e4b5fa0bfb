"""The directory server of a chat process: its sync, and a look at it that opens nothing else."""

from admin.wiring.chat import ChatServices
from core.errors import Conflict
from core.identity.ldap import LdapDirectory, ldap_settings_from
from core.identity.sync import DirectorySync, SyncLimits
from core.settings import Settings
from core.types import SystemClock


def directory_sync(chat: ChatServices) -> DirectorySync:
    """Return what compares people with the directory server.

    Raises:
        Conflict: ``no_directory_server``; people are kept here.
    """
    _check_server(chat.settings)
    limits = SyncLimits(chat.settings.directory_leavers_percent)
    return DirectorySync(chat.store, chat.directory, chat.people, chat.clock, chat.trail.record, limits)


def ldap_directory(settings: Settings) -> LdapDirectory:
    """Return the directory server that settings name.

    Raises:
        Conflict: ``no_directory_server``; people are kept here.
    """
    _check_server(settings)
    return LdapDirectory(ldap_settings_from(settings), SystemClock())


def _check_server(settings: Settings) -> None:
    if settings.directory_kind != "ldap":
        raise Conflict(
            "People are kept here, not in a directory server. Set directory.kind to have them come from one.",
            code="no_directory_server",
        )
