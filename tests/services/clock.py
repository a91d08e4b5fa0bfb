"""A clock that a test sets, for whole processes: the time of day jumps, durations stay right."""

import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian import install
from tests.services.missing import cannot_be_had

SOURCE = Path(__file__).with_name("set_clock.c")


@dataclass(frozen=True, slots=True)
class SetClock:
    """The clock of the processes that are started with ``environ``."""

    library: Path
    file: Path

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs in its environment."""
        return {"LD_PRELOAD": str(self.library), "TEST_CLOCK": str(self.file)}

    def set(self, seconds: int) -> None:
        """Set the clock off by so many seconds; at once, in every process."""
        # In place: the processes look at these eight bytes.
        with self.file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))


def make_clock(folder: Path) -> SetClock:
    """Return a clock that is right."""
    if shutil.which("cc") is None:
        install("gcc", "libc6-dev")
    compiler = shutil.which("cc")
    if compiler is None:
        cannot_be_had("A clock that jumps needs a C compiler (Debian's gcc), or root to install it.")
    library, file = folder / "set_clock.so", folder / "clock"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"], check=True
    )
    file.write_bytes(struct.pack("=q", 0))
    return SetClock(library, file)
