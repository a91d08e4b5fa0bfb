"""``chancery backup`` and ``chancery restore``."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

import click

from admin.backups.files import FOLDER
from admin.backups.keys_file import settings_in
from admin.backups.restore import Halves, verify
from admin.backups.restore import restore as restore_house
from admin.backups.take import new_name, take
from admin.cli.context import ask_new_password, ask_password, current_settings, readable_errors, step
from core.crypto import keyfiles
from core.crypto.rings import ProcessRole
from core.settings import Settings, load_settings, settings_file
from core.types import SystemClock, from_ms

_folder = click.Path(path_type=Path, file_okay=False)
_passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="First line is the passphrase. Otherwise: setting backup.passphrase, or you are asked.",
)
_WHAT = "the backup's keys"


@click.command()
@click.option(
    "--data", type=_folder, required=True, help="Folder for chat store, archive, desk store and files."
)
@click.option("--keys", type=_folder, required=True, help="Another folder, elsewhere, for the sealed keys.")
@_passphrase_file
@readable_errors
def backup(data: Path, keys: Path, passphrase_file: Path | None) -> None:
    """Take a backup of the house, served or not: data and keys apart, both of one moment.

    Status 1 if files that the house speaks of are lost; the backup of everything else is whole.
    """
    settings, clock = current_settings(), SystemClock()
    passphrase = _passphrase(settings, passphrase_file, new=True)
    name = new_name(settings, clock)
    taken = take(
        settings,
        clock,
        data=data,
        keys=keys,
        passphrase=passphrase,
        name=name,
        settings_from=_own_settings(os.environ),
        record=lambda: step(ProcessRole.PAGES, "backup-record", name=name),
    )
    ends = from_ms(taken.manifest.ends_ms).astimezone(UTC).date()
    size = sum(file.size for file in taken.manifest.files.values())
    click.echo(f"Data: {taken.data} ({size / 1e6:,.1f} MB)")
    click.echo(f"Keys: {taken.keys} (to be removed, with every copy of it, by {ends})")
    click.echo(f"Writers waited for {taken.manifest.stopped_ms:,.1f} ms.")
    for path in taken.removed:
        click.echo(f"Its time is over, removed: {path}")
    if taken.manifest.blobs != FOLDER:
        click.echo(f"Files are not in it, but in {taken.manifest.blobs}; all were looked for there.")
    for name in taken.manifest.lost:
        click.echo(f"{click.style('Lost', fg='red')} {name}: a file that the house speaks of is not there.")
    if taken.manifest.lost:
        sys.exit(1)


@click.command()
@click.option("--data", type=_folder, required=True, help="The backup's folder of data.")
@click.option(
    "--keys",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The keys of the same backup or of a newer one.",
)
@_passphrase_file
@click.option("--accept-ended", is_flag=True, help="Take keys whose time is over.")
@click.option("--verify", "only_verify", is_flag=True, help="Read and verify all of it; write nothing.")
@readable_errors
def restore(
    data: Path, keys: Path, passphrase_file: Path | None, accept_ended: bool, only_verify: bool
) -> None:
    """Bring a house back from a backup, into an empty home; status 1 if anything differs afterwards."""
    clock = SystemClock()
    passphrase = _passphrase(current_settings(), passphrase_file, new=False)
    with _settings_back(os.environ, keys, passphrase, keep=not only_verify) as settings:
        halves = verify(data, keys, passphrase, clock, settings.database_kind, accept_ended=accept_ended)
        if only_verify:
            click.echo(f"{halves.data.id} is whole. {_of(halves)}")
            return
        done = restore_house(settings, data, keys, passphrase, halves, settle=lambda: _settle(halves.data.id))
    click.echo(f"Restored in {settings.home}. {_of(halves)}")
    click.echo("All sessions have ended; people sign in again. Indexes are made again while it is served.")
    for partition in done.withheld:
        click.echo(f"{partition} was to be destroyed: its keys were not restored, the rest goes as well.")
    for line in done.differences:
        click.echo(f"{click.style('Differs', fg='red')} {line}")
    if done.differences:
        sys.exit(1)
    click.echo("The ledger is as it was signed, and nothing differs.")


def _settle(name: str) -> list[str]:
    step(ProcessRole.PAGES, "restore-chat", name=name)
    return [
        *step(ProcessRole.WORKER, "restore-worker"),
        *step(ProcessRole.DESK, "restore-desk", name=name),
    ]


def _of(halves: Halves) -> str:
    at = from_ms(halves.data.made_ms).astimezone(UTC)
    entries = ", ".join(f"{count:,} in {log}" for log, count in halves.data.entries.items())
    return f"It is of {at:%Y-%m-%d %H:%M:%S} UTC; entries of the ledger: {entries}."


def _passphrase(settings: Settings, file: Path | None, *, new: bool) -> str:
    if file is not None:
        return file.read_text("utf-8").partition("\n")[0]
    if settings.backup_passphrase:
        return settings.backup_passphrase
    return ask_new_password(_WHAT) if new else ask_password(_WHAT)


def _own_settings(environ: Mapping[str, str]) -> Path | None:
    path = Path(environ["CHANCERY_FILE"]) if "CHANCERY_FILE" in environ else settings_file(environ)
    return path if path.exists() else None


@contextmanager
def _settings_back(
    environ: Mapping[str, str], keys: Path, passphrase: str, *, keep: bool
) -> Iterator[Settings]:
    """Yield the settings; those of the backup where this machine has none, which stay if all goes well."""
    path = settings_file(environ)
    content = None if _own_settings(environ) else settings_in(keys, passphrase)
    if content is None:
        yield current_settings()
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyfiles.replace(path, content)
    try:
        yield load_settings(environ, path)
    except BaseException:
        path.unlink()
        raise
    if not keep:
        path.unlink()
