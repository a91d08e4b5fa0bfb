"""Which folder of the embedded index is asked for a partition: small files ``<partition>.live`` say so.

Without one it is the folder of the partition's own name.
"""

from pathlib import Path
from typing import Final

from audit.search.port import check_partition

# No name of a partition has a dot.
_SUFFIX: Final = ".live"


class Pointers:
    """Reads and replaces them; a reader sees the old name or the new one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def live(self, partition: str) -> str:
        """Return the name of the folder that is asked for a partition."""
        try:
            return self._file(partition).read_text()
        except FileNotFoundError:
            return partition

    def point(self, partition: str, name: str) -> None:
        """Let the partition be asked of the folder ``name``."""
        file = self._file(partition)
        if check_partition(name) == partition:
            file.unlink(missing_ok=True)
            return
        draft = file.with_suffix(".new")
        draft.write_text(name)
        draft.replace(file)

    def forget(self, name: str) -> None:
        """Remove whatever points to a folder that goes."""
        for file in self._folder.glob(f"*{_SUFFIX}"):
            if file.read_text() == name:
                file.unlink()

    def _file(self, partition: str) -> Path:
        return self._folder / f"{check_partition(partition)}{_SUFFIX}"
