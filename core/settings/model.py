"""All that can be chosen, put together of its subjects. The handbook renders this."""

from dataclasses import dataclass
from pathlib import Path

from core.settings.addresses import AddressSettings
from core.settings.bus import BusSettings
from core.settings.directory import DirectorySettings
from core.settings.files import FileSettings
from core.settings.limits import LimitSettings
from core.settings.operation import OperationSettings
from core.settings.previews import PreviewSettings
from core.settings.search import SearchSettings
from core.settings.signing_in import SignInSettings
from core.settings.stores import StoreSettings


# A dataclass takes the fields of its last base first.
@dataclass(frozen=True, kw_only=True)
class Settings(
    OperationSettings,
    FileSettings,
    PreviewSettings,
    LimitSettings,
    SearchSettings,
    BusSettings,
    DirectorySettings,
    SignInSettings,
    AddressSettings,
    StoreSettings,
):
    """Every setting of every subject, read once at start."""

    def __post_init__(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        self.check_stores()
        self.check_addresses()
        self.check_directory()
        self.check_bus()
        self.check_search()
        self.check_operation()
        self.check_files()
        self.check_previews()

    @property
    def blobs_dir(self) -> Path:
        """The folder of files, where they are kept in one."""
        return self.blobs_folder or self.home / "blobs"
