"""All that the desk's pages are given."""

from typing import Protocol

from core.settings import Settings
from core.types import Clock
from web.desk.ports.matters import MatterDesk
from web.desk.ports.officers import OfficerDesk
from web.desk.ports.policies import PolicyDesk
from web.desk.ports.queue import Queue, Recalls
from web.desk.ports.retention import Holds, Retention
from web.desk.ports.signin import DeskDoor, Home
from web.desk.ports.trail import Readiness, Trail
from web.ports import Preferring


class DeskPages(Protocol):
    """All that the desk's pages are given."""

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        ...

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        ...

    @property
    def signin(self) -> DeskDoor:
        """Signing in and sessions."""
        ...

    @property
    def home(self) -> Home:
        """The first page."""
        ...

    @property
    def matters(self) -> MatterDesk:
        """Matters, searching, reading."""
        ...

    @property
    def queue(self) -> Queue:
        """The release queue."""
        ...

    @property
    def recalls(self) -> Recalls:
        """Recalling what was delivered."""
        ...

    @property
    def policies(self) -> PolicyDesk:
        """Proposed policies."""
        ...

    @property
    def officers(self) -> OfficerDesk:
        """Officers and candidates."""
        ...

    @property
    def holds(self) -> Holds:
        """Legal holds."""
        ...

    @property
    def retention(self) -> Retention:
        """Retention and destruction."""
        ...

    @property
    def trail(self) -> Trail:
        """What was done."""
        ...

    @property
    def readiness(self) -> Readiness:
        """Whether this process can do its work."""
        ...

    @property
    def preferences(self) -> Preferring:
        """How officers want their screens."""
        ...
