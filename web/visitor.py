"""Who is signed in at an application of ours."""

from dataclasses import dataclass

from core.identity.permissions import Principal
from core.identity.signin import OfficerSignedIn, SignedIn


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in: what they may do, and the names they go by."""

    principal: Principal
    username: str
    name: str


def chat_visitor(signed_in: SignedIn) -> Visitor:
    """Return who is signed in at the chat."""
    profile = signed_in.person.profile
    return Visitor(signed_in.principal, profile.username, profile.display_name)


def desk_visitor(signed_in: OfficerSignedIn) -> Visitor:
    """Return which officer is signed in at the desk."""
    profile = signed_in.officer.profile
    return Visitor(signed_in.principal, profile.username, profile.display_name)
