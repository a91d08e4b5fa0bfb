"""Whether links are followed, and where to."""

import ipaddress
from dataclasses import dataclass

from core.errors import SettingsError
from core.settings.setting import setting


@dataclass(frozen=True, kw_only=True)
class PreviewSettings:
    """Previews of links."""

    previews_enabled: bool = setting(
        "previews.enabled",
        "Whether the worker fetches pages that messages link to; a policy must allow it, too.",
        default=False,
        example="true",
    )
    previews_networks: tuple[str, ...] = setting(
        "previews.networks",
        "Networks of your own that may be fetched from; others only if they are public.",
        default=(),
        example='["10.20.0.0/16"]',
    )

    def check_previews(self) -> None:
        """Refuse what is no network.

        Raises:
            SettingsError: naming the key.
        """
        for name in self.previews_networks:
            try:
                ipaddress.ip_network(name)
            except ValueError:
                raise SettingsError(
                    f"previews.networks has {name}; write a network such as 10.20.0.0/16."
                ) from None
