"""What the pages ask of the rooms below: small Protocols, and the values that cross.

Whoever starts the pages hands over one :class:`PagesServices`; tests fill it with fakes.
Every method is complete in itself (its own transaction, its own trail row) and raises typed errors.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from admin.bootstrap.pages import (
    FoundPage,
    HealthLine,
    HealthState,
    Hit,
    LintReport,
    LivePolicy,
    PersonRow,
)
from core.identity.permissions import Principal
from core.identity.preferences import Preferences
from core.identity.sessions import Session
from core.identity.signin import SignedIn
from core.messaging.files.shown import ShownFiles
from core.messaging.files.uploads import Uploads
from core.settings import Settings
from core.types import Clock, PersonId, SessionId
from policies.lifecycle import Proposal

__all__ = [
    "ChatSearch",
    "Files",
    "FoundPage",
    "Health",
    "HealthLine",
    "HealthState",
    "Hit",
    "LintReport",
    "LivePolicy",
    "OwnPassword",
    "PagesServices",
    "PeopleAdministration",
    "PersonRow",
    "PolicyAuthoring",
    "Preferring",
    "Readiness",
    "SignIn",
]


class SignIn(Protocol):
    """Signing in and out, and one's own sessions: :class:`core.identity.signin.SignIn`."""

    def sign_in(self, username: str, password: str, address: str, user_agent: str) -> tuple[str, SignedIn]:
        """Check a password and start a session; return its token and who signed in.

        Raises:
            NotSignedIn: ``bad_credentials``, the same for an unknown name and a disabled account.
            Limited: ``too_many_attempts`` with ``retry_after`` in seconds.
            Denied: the directory gives no role here.
            Unavailable: ``directory_unavailable``.
        """
        ...

    def identify(self, token: str) -> SignedIn:
        """Return who holds ``token``, with the roles in force now; note that the session is used.

        Raises:
            NotSignedIn: ``not_signed_in``.
        """
        ...

    def sessions(self, person: str) -> Sequence[Session]:
        """Return the live sessions of ``person``, the last used first."""
        ...

    def revoke(self, person: str, session: SessionId) -> None:
        """End one session of ``person``.

        Raises:
            NotFound: ``no_session``.
        """
        ...

    def sign_out_everywhere(self, person: str, by: str, *, but: SessionId | None = None) -> int:
        """End all sessions of ``person``, except ``but``; return how many."""
        ...


class OwnPassword(Protocol):
    """Choosing another password for oneself: :class:`core.identity.own_password.OwnPassword`."""

    @property
    def kept_here(self) -> bool:
        """Tell whether passwords are kept here, and not by a directory server."""
        ...

    def change(self, who: Principal, username: str, current: str, new: str, address: str) -> None:
        """Take ``new`` in place of ``current``; end all sessions but this one.

        Raises:
            Conflict: ``password_elsewhere``.
            InvalidInput: ``wrong_password``, or the new one cannot be used.
            Limited: ``too_many_attempts``, with ``retry_after``.
        """
        ...


class PeopleAdministration(Protocol):
    """People for IT. Where a directory server is connected, people are changed there."""

    @property
    def builtin(self) -> bool:
        """Tell whether people are kept here, so that they can be added and changed here."""
        ...

    def everybody(self) -> Sequence[PersonRow]:
        """Return all people, disabled ones too, by name."""
        ...

    def add(
        self, by: Principal, *, username: str, name: str, email: str, groups: Sequence[str], password: str
    ) -> PersonId:
        """Add a person to the built-in directory.

        Raises:
            InvalidInput: a name or password cannot be used (see :mod:`core.identity.passwords`).
            Conflict: ``username_taken``, or ``not_builtin``.
        """
        ...

    def set_groups(self, by: Principal, person: PersonId, groups: Sequence[str]) -> None:
        """Replace a person's groups in the built-in directory.

        Raises:
            NotFound: ``no_person``.
            Conflict: ``not_builtin``.
        """
        ...

    def disable(self, by: Principal, person: PersonId) -> None:
        """Take the account and all sessions away.

        Raises:
            NotFound: ``no_person``.
            Conflict: ``own_account``, ``already_disabled``.
        """
        ...

    def enable(self, by: Principal, person: PersonId) -> None:
        """Give the account back.

        Raises:
            NotFound: ``no_person``.
            Conflict: ``already_enabled``.
        """
        ...


class PolicyAuthoring(Protocol):
    """Policies for their authors: read, check, propose. Approval happens at the desk."""

    def live(self) -> LivePolicy:
        """Return the bundle in force.

        Raises:
            Unavailable: ``policy_unavailable`` while none is confirmed.
        """
        ...

    def lint(self, source: str) -> LintReport:
        """Check a bundle's YAML and run its own tests; nothing is written.

        Raises:
            InvalidInput: ``bad_bundle`` with ``errors``, each with file, line, path and message.
        """
        ...

    def propose(self, by: Principal, source: str, reason: str) -> Proposal:
        """Propose a bundle for approval at the desk.

        Raises:
            InvalidInput: as :meth:`lint`, or ``reason_needed``.
        """
        ...

    def proposals(self) -> Sequence[Proposal]:
        """Return all proposals, newest first."""
        ...


class Preferring(Protocol):
    """How people want their screens: :class:`core.identity.preferences.OwnPreferences`."""

    def of(self, owner: str) -> Preferences:
        """Return what ``owner`` prefers."""
        ...

    def change(self, owner: str, **change: Any) -> Preferences:
        """Change what is given and not None; return what is preferred then.

        Raises:
            InvalidInput: ``bad_preference``.
        """
        ...


class Health(Protocol):
    """How the suite is, without any content."""

    def report(self) -> Sequence[HealthLine]:
        """Return every check, the worst first."""
        ...


class ChatSearch(Protocol):
    """Searching in one's own conversations: :class:`audit.chat_search.service.ChatSearch`."""

    def search(self, person: PersonId, text: str, *, after: Hit | None = None) -> FoundPage:
        """Return a page of what ``text`` finds, older than ``after``.

        Raises:
            InvalidInput: ``bad_query`` with ``position`` and ``expected``, or ``too_common``.
            Unavailable: ``index_unavailable``, or another code that says why the index cannot be used.
        """
        ...


class Readiness(Protocol):
    """Whether this process can do its work."""

    def answer(self) -> tuple[dict[str, Any], int]:
        """Return body and status of ``/readyz``: a short code of why it cannot, or nothing."""
        ...


class Files(Protocol):
    """Files of the chat: :class:`admin.wiring.files.FileServices`."""

    @property
    def uploads(self) -> Uploads:
        """Takes files in."""
        ...

    @property
    def shown(self) -> ShownFiles:
        """Gives files out."""
        ...


class PagesServices(Protocol):
    """All that the chat pages are given."""

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        ...

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        ...

    @property
    def signin(self) -> SignIn:
        """Signing in and sessions."""
        ...

    @property
    def password(self) -> OwnPassword:
        """One's own password."""
        ...

    @property
    def people(self) -> PeopleAdministration:
        """People for IT."""
        ...

    @property
    def policies(self) -> PolicyAuthoring:
        """Policies for their authors."""
        ...

    @property
    def health(self) -> Health:
        """How the suite is."""
        ...

    @property
    def search(self) -> ChatSearch:
        """Searching in one's own conversations."""
        ...

    @property
    def readiness(self) -> Readiness:
        """Whether this process can do its work."""
        ...

    @property
    def preferences(self) -> Preferring:
        """How people want their screens."""
        ...

    @property
    def files(self) -> Files:
        """Files: taken in, and given out."""
        ...
