"""The built-in directory: people and Argon2id hashes in the chat store; the embedded default."""

import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, insert, select

from core.errors import Conflict, InvalidInput
from core.identity.directory import (
    Admit,
    DirectoryPerson,
    Reading,
    ServerHealth,
    admit_anybody,
    bad_credentials,
    canonical_username,
    check_credentials_form,
    is_possible_username,
)
from core.identity.passwords import Passwords, check_new_password
from core.identity.people import People, Person
from core.identity.sealing import Recorder, Sealer, bound_to
from core.identity.sessions import Sessions
from core.schema import chat
from core.store import Statement, Store, Tx
from core.trail import Tag
from core.types import Clock, PersonId, SessionId, new_id, to_ms

MAX_NAME_CHARS = 64

_k = chat.credentials.c
_SEALED = Statement(select(_k.sealed).where(_k.person_id == bindparam("who")))
_FORGET = Statement(delete(chat.credentials).where(_k.person_id == bindparam("who")))
_KEEP = Statement(insert(chat.credentials).values({c.name: bindparam(c.name) for c in _k}))


class BuiltinDirectory:
    """A :class:`core.identity.directory.Directory` on the chat store.

    Each method is whole: it hashes outside any transaction and writes in one.
    """

    name = "builtin"

    def __init__(
        self,
        store: Store,
        people: People,
        sessions: Sessions,
        passwords: Passwords,
        clock: Clock,
        record: Recorder,
        sealer: Sealer,
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._people = people
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._record = record

    # -- Directory --------------------------------------------------------------------------------

    def account(self, username: str) -> str:
        """Return the name as it is compared."""
        return canonical_username(username)

    def authenticate(self, username: str, password: str, admit: Admit = admit_anybody) -> DirectoryPerson:
        """Return the person whose name and password these are; see the protocol.

        A hash made at another cost than today's is replaced, now that the password is at hand, unless
        somebody set another password meanwhile.
        """
        check_credentials_form(username, password)
        found, stored = self._store.read(lambda tx: self._credentials(tx, username))
        if not admit(found.profile.stable_id if found else ""):
            stored = None
        if not self._passwords.verify(stored, password) or found is None or stored is None:
            raise bad_credentials()
        if self._passwords.is_outdated(stored):
            renewed = self._passwords.hash(password)
            self._store.write(lambda tx: self._do_rehash(tx, found.id, stored, renewed))
        return found.as_directory_person()

    def find(self, username: str) -> DirectoryPerson | None:
        """Return who goes by ``username`` now."""
        if not is_possible_username(username):
            return None
        found = self._store.read(lambda tx: self._people.by_username(tx, username, self.name))
        return found.as_directory_person() if found else None

    def person(self, stable_id: str) -> DirectoryPerson | None:
        """Return the person behind ``stable_id``, unless disabled."""
        found = self._store.read(lambda tx: self._people.by_stable_id(tx, self.name, stable_id))
        return found.as_directory_person() if found and found.active else None

    def read(self, _since: str = "") -> Reading:
        """Return everybody who may sign in."""
        people = [
            person.as_directory_person()
            for person in self._store.read(lambda tx: list(self._people.everybody(tx)))
            if person.active and person.profile.directory == self.name
        ]
        return Reading(people, frozenset(person.stable_id for person in people))

    def health(self) -> Sequence[ServerHealth]:
        """Return nothing: there is no server."""
        return ()

    # -- administration ---------------------------------------------------------------------------

    def add(
        self,
        username: str,
        password: str,
        *,
        display_name: str,
        by: str,
        email: str = "",
        groups: Iterable[str] = (),
    ) -> Person:
        """Add a person. Whoever bore the name before and was disabled stays somebody else.

        Raises:
            InvalidInput: ``bad_username``, or what :func:`check_new_password` refuses.
            Conflict: ``username_taken``.
        """
        check_username(username)
        check_new_password(password, username)
        hashed = self._passwords.hash(password)
        known = DirectoryPerson(new_id(), username, display_name or username, email, frozenset(groups))
        prepared = self._people.prepare(self._store, self.name, known)

        def work(tx: Tx) -> Person:
            if self._people.by_username(tx, username, self.name):
                raise Conflict(f"The name {username} is taken. Choose another.", code="username_taken")
            person = self._people.do_upsert(tx, self.name, known, prepared, by)
            self._do_keep(tx, person.id, hashed)
            return person

        return self._store.write(work)

    def set_password(self, person: PersonId, password: str, by: str, *, but: SessionId | None = None) -> None:
        """Give a new password and end all sessions, except ``but``.

        Raises:
            NotFound: ``no_person``.
            InvalidInput: what :func:`check_new_password` refuses.
        """
        check_new_password(password, self._own(person).profile.username)
        hashed = self._passwords.hash(password)

        def work(tx: Tx) -> None:
            self._do_keep(tx, person, hashed)
            ended = self._sessions.do_revoke_all(tx, person, but=but)
            self._record(tx, Tag.PERSON_CHANGED, by, person, {"password": "set", "sessions_ended": ended})

        self._store.write(work)

    def set_groups(self, person: PersonId, groups: Iterable[str], by: str) -> Person:
        """Replace the groups of a person; roles and segments follow at once.

        Raises:
            NotFound: ``no_person``.
        """
        wanted = frozenset(groups)
        self._own(person)

        def work(tx: Tx) -> Person:
            p = self._people.get(tx, person).profile
            known = DirectoryPerson(p.stable_id, p.username, p.display_name, p.email, wanted, p.attributes)
            return self._people.do_upsert(tx, self.name, known, person, by)

        return self._store.write(work)

    def apply_mapping(self) -> int:
        """Work out anew what groups mean, as settings may have changed; return for how many they did."""
        stale = [
            person.id
            for person in self._store.read(lambda tx: list(self._people.everybody(tx)))
            if person.profile.directory == self.name
            and self._people.is_news(person, self.name, person.as_directory_person())
        ]
        for who in stale:
            self._store.write(lambda tx, who=who: self._do_apply_mapping(tx, who))  # type: ignore[misc]
        return len(stale)

    # -- inside -----------------------------------------------------------------------------------

    def _do_apply_mapping(self, tx: Tx, person: PersonId) -> None:
        known = self._people.get(tx, person).as_directory_person()
        self._people.do_upsert(tx, self.name, known, person)

    def _own(self, person: PersonId) -> Person:
        """Return a person of this directory."""
        found = self._store.read(lambda tx: self._people.get(tx, person))
        if found.profile.directory != self.name:
            raise InvalidInput(
                f"{found.profile.username} comes from {found.profile.directory}: change them there.",
                code="foreign_person",
            )
        return found

    def _credentials(self, tx: Tx, username: str) -> tuple[Person | None, str | None]:
        found = self._people.by_username(tx, username, self.name)
        return found, self._hash_of(tx, found.id) if found else None

    def _hash_of(self, tx: Tx, person: PersonId) -> str | None:
        sealed = tx.value(_SEALED, who=person)
        return None if sealed is None else self._sealer.open(person, sealed, _binding(person)).decode("ascii")

    def _do_keep(self, tx: Tx, person: PersonId, hashed: str) -> None:
        sealed = self._sealer.seal(person, hashed.encode("ascii"), _binding(person))
        tx.run(_FORGET, who=person)
        tx.run(_KEEP, person_id=person, sealed=sealed, changed_ms=to_ms(self._clock.now()))

    def _do_rehash(self, tx: Tx, person: PersonId, stale: str, hashed: str) -> None:
        if self._hash_of(tx, person) == stale:
            self._do_keep(tx, person, hashed)


def _binding(person: PersonId) -> bytes:
    return bound_to("credentials", person)


def check_username(username: str) -> None:
    """Refuse a name that people could not tell from another, or not type.

    Raises:
        InvalidInput: ``bad_username``.
    """
    plain = all(character in "._-@" or unicodedata.category(character)[0] in "LN" for character in username)
    same = username == unicodedata.normalize("NFKC", username) and username.casefold() == canonical_username(
        username
    )
    if not (plain and same and 0 < len(username) <= MAX_NAME_CHARS):
        raise InvalidInput(
            f"A user name is 1 to {MAX_NAME_CHARS} letters, digits, or characters of . _ - @.",
            code="bad_username",
        )
