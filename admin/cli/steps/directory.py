"""Steps of ``chancery directory``, in the chat world."""

from dataclasses import asdict
from typing import Any

from admin.cli.steps.acting import acting_person, open_chat
from admin.wiring.sync import directory_sync, ldap_directory
from core.identity.directory import mapping_from_settings
from core.identity.permissions import Permission
from core.identity.sync_history import newest_runs
from core.settings import Settings


def sync(settings: Settings, argument: dict[str, Any]) -> dict[str, Any]:
    """Compare everybody with the directory; return the run."""
    chat = open_chat(settings)
    by = acting_person(chat, argument, Permission.DIRECTORY_MANAGE)
    work, leavers = directory_sync(chat), argument["leavers"]
    run = work.dry_run(leavers=leavers) if argument["dry_run"] else work.run(by.id, leavers=leavers)
    return asdict(run)


def show(settings: Settings, argument: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the directory says now of whoever goes by a name, and what it means here.

    The house is not opened: this is asked before anybody can sign in, by whoever may read its settings.
    """
    directory, mapping = ldap_directory(settings), mapping_from_settings(settings)
    return [
        {
            "dn": seen.dn,
            "id": seen.person.stable_id,
            "username": seen.person.username,
            "name": seen.person.display_name,
            "email": seen.person.email,
            "may_sign_in": seen.may_sign_in,
            "groups": sorted(seen.person.groups),
            "attributes": dict(seen.person.attributes),
            "roles": sorted(mapping.roles_for(seen.person)),
            "candidate": sorted(mapping.candidate_roles_for(seen.person)),
            "external": mapping.is_external(seen.person),
        }
        for seen in directory.look_up(argument["username"])
    ]


def history(settings: Settings, argument: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the newest runs; who started them by name."""
    chat = open_chat(settings)
    acting_person(chat, argument, Permission.DIRECTORY_MANAGE)
    runs = chat.store.read(lambda tx: newest_runs(tx, argument["last"]))
    names = {
        str(person.id): person.profile.username
        for person in chat.store.read(lambda tx: list(chat.people.everybody(tx)))
    }
    return [{**asdict(run), "by": names.get(run.by, run.by)} for run in runs]
