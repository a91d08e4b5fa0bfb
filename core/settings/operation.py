"""What operators see of processes and disks, and the languages of all screens."""

from dataclasses import dataclass

from core.settings.setting import check_one_of, setting


@dataclass(frozen=True, kw_only=True)
class OperationSettings:
    """Logs, disks, languages, and the failpoint of fault tests."""

    log_format: str = setting(
        "log.format",
        "How processes write their log, to standard error: `text`, or `json`, an object on each line.",
        default="text",
        example="json",
    )
    disk_low_mib: int = setting(
        "disk.low_mib",
        "Free space, in MiB, below which a disk is reported as low.",
        default=5_120,
        example="20480",
    )
    disk_full_mib: int = setting(
        "disk.full_mib", "Free space below which it is red: act now.", default=1_024, example="4096"
    )
    languages_folder: str = setting(
        "languages.folder",
        "A folder with more languages for all screens: one gettext catalogue for each, named by its language "
        "(`fr.po`, `pt_BR.po`). Begin with a copy of `web/translations/de.po`; what it lacks is English.",
        default="",
        example="/etc/chancery/languages",
    )
    failpoint: str = setting(
        "test.failpoint",
        "For fault tests: the process kills itself at this named point.",
        default="",
        example="chat.after_commit",
    )

    def check_operation(self) -> None:
        """Refuse what cannot be, and what cannot work together.

        Raises:
            SettingsError: naming the key.
        """
        check_one_of("log.format", self.log_format, "text", "json")
