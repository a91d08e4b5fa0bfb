"""Choosing another password for oneself, where passwords are kept here.

The current one is asked for and counts like a sign-in: whoever finds an unlocked screen has as few guesses
as at the door. All other sessions end, so that a stranger who knew the old one is out.
"""

from core.errors import Conflict, InvalidInput, NotSignedIn
from core.identity.builtin import BuiltinDirectory
from core.identity.directory import Directory
from core.identity.passwords import check_new_password
from core.identity.permissions import Principal
from core.identity.signin import SignIn


class OwnPassword:
    """The passwords of people of the built-in directory, each in the hands of its owner."""

    def __init__(self, signin: SignIn, directory: Directory) -> None:
        self._signin = signin
        self._directory = directory

    @property
    def kept_here(self) -> bool:
        """Tell whether passwords are kept here, and not by a directory server."""
        return isinstance(self._directory, BuiltinDirectory)

    def change(self, who: Principal, username: str, current: str, new: str, address: str) -> None:
        """Take ``new`` in place of ``current`` for whoever goes by ``username``; other sessions end.

        Raises:
            Conflict: ``password_elsewhere``; a directory server keeps it.
            InvalidInput: ``wrong_password``, or what :func:`check_new_password` refuses.
            Limited: ``too_many_attempts``, with ``retry_after``.
        """
        directory = self._directory
        if not isinstance(directory, BuiltinDirectory):
            raise Conflict(
                "Your firm's directory keeps your password. Change it where you sign in to your computer.",
                code="password_elsewhere",
            )
        check_new_password(new, username)
        try:
            known = self._signin.authenticate(username, current, address)
        except NotSignedIn:
            raise _wrong_password() from None
        if known.id != who.id:
            raise _wrong_password()
        directory.set_password(known.id, new, known.id, but=who.session)


def _wrong_password() -> InvalidInput:
    return InvalidInput(
        "The current password is not right. Type it again; passwords are case-sensitive.",
        code="wrong_password",
    )
