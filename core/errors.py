"""The one error tree. Clients branch on ``code`` and nothing else.

    ChanceryError
    ├── InvalidInput          400  what was asked for is malformed
    │   ├── TooLarge          413
    │   └── SettingsError     –    refused at start; names the key, its source and the remedy
    ├── NotSignedIn           401
    ├── Denied                403  signed in, but not entitled
    ├── NotFound              404
    ├── Conflict              409  true when asked, no longer true
    ├── Stopped               422  a policy decided against it
    ├── Limited               429  too much, too fast; ``retry_after`` says when
    ├── Unavailable           503  retryable; nothing was written
    └── IntegrityError        500  a record, key or proof does not verify

Every error carries a stable ``code``, a sentence that a person can act on, and parameters
that a client may show. A message never holds text of a conversation.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class ChanceryError(Exception):
    """The root: a stable code, a sentence, and parameters."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.params: Mapping[str, Any] = params

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which every surface shows this error."""
        return {
            "ok": False,
            "code": self.code,
            "message": self.message,
            "retryable": self.retryable,
            **self.params,
        }


class InvalidInput(ChanceryError):
    """What was asked for is malformed; nothing was written."""

    status = 400
    default_code = "invalid_input"


class TooLarge(InvalidInput):
    """Over a stated limit; ``limit`` says which."""

    status = 413
    default_code = "too_large"


class SettingsError(InvalidInput):
    """A setting is unknown, mistyped or missing; the process does not start."""

    default_code = "settings"


class NotSignedIn(ChanceryError):
    """No session, an ended one, or wrong credentials."""

    status = 401
    default_code = "not_signed_in"


class Denied(ChanceryError):
    """Signed in, but not entitled to this."""

    status = 403
    default_code = "denied"


class NotFound(ChanceryError):
    """It does not exist, or not for whoever asks."""

    status = 404
    default_code = "not_found"


class Conflict(ChanceryError):
    """It was decided, changed or used in the meantime."""

    status = 409
    default_code = "conflict"


class Stale(Conflict):
    """The conversation or the policy changed between decision and write: decide again."""

    default_code = "stale"
    retryable = True


class Stopped(ChanceryError):
    """A policy decided against it: nobody else has seen it."""

    status = 422
    default_code = "blocked"


class Limited(ChanceryError):
    """Too much, too fast. ``retry_after`` is in seconds."""

    status = 429
    default_code = "rate"
    retryable = True


class Unavailable(ChanceryError):
    """Something needed is out of reach; nothing was written and a retry is safe."""

    status = 503
    default_code = "unavailable"
    retryable = True


class IntegrityError(ChanceryError):
    """A ciphertext, a key or a proof does not verify. Says nothing about why."""

    default_code = "integrity"
