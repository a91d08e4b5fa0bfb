"""Signing in at the desk, and what stands on its first page."""

from collections.abc import Sequence
from typing import Protocol

from admin.bootstrap.desk import (
    Overview,
)
from core.identity.sessions import Session
from core.identity.signin import OfficerSignedIn
from core.types import SessionId


class DeskDoor(Protocol):
    """Signing in and out at the desk, and one's own sessions."""

    def sign_in(
        self, username: str, password: str, address: str, user_agent: str
    ) -> tuple[str, OfficerSignedIn]:
        """Check a password and start a session; return its token and who signed in.

        Raises:
            NotSignedIn: ``bad_credentials``; the same for whoever is no officer.
            Limited: ``too_many_attempts`` with ``retry_after`` in seconds.
        """
        ...

    def identify(self, token: str) -> OfficerSignedIn:
        """Return which officer holds ``token``. Raises NotSignedIn ``not_signed_in``."""
        ...

    def sessions(self, person: str) -> Sequence[Session]:
        """Return the live sessions of an officer."""
        ...

    def revoke(self, person: str, session: SessionId) -> None:
        """End one session of an officer. Raises NotFound ``no_session``."""
        ...

    def sign_out_everywhere(self, person: str, by: str, *, but: SessionId | None = None) -> int:
        """End all sessions of an officer, except ``but``; return how many."""
        ...


class Home(Protocol):
    """The state of the desk, without any text of a conversation."""

    def overview(self) -> Overview:
        """Return what waits, what is covered, and what the worker told."""
        ...
