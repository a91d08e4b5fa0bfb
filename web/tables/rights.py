"""What each right lets one do, as a refusal names it."""

from collections.abc import Mapping
from typing import Final

from core.identity.permissions import TABLE

EFFECTS: Final[Mapping[str, str]] = {grant.permission: grant.effect for grant in TABLE}
