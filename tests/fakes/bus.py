"""A bus between parts of one process, which carries every hint at once or, where told, loses or doubles it."""

from collections.abc import Callable

from core.bus import BusState, Hint


class Line:
    """What several :class:`LoopBus` hang on. ``copies`` is how often each hint arrives: 0 loses it."""

    def __init__(self) -> None:
        self.copies = 1
        self._ends: list[LoopBus] = []

    def end(self) -> "LoopBus":
        """Return a bus for one more process."""
        made = LoopBus(self)
        self._ends.append(made)
        return made

    def carry(self, sender: "LoopBus", hint: Hint) -> None:
        """Hand a hint to all but its sender."""
        for end in self._ends:
            if end is not sender:
                for _ in range(self.copies):
                    end.take(hint)


class LoopBus:
    """One process's end of a line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._heard: list[Callable[[Hint], None]] = []
        self._closed = False

    def publish(self, hint: Hint) -> None:
        if not self._closed:
            self._line.carry(self, hint)

    def listen(self, heard: Callable[[Hint], None]) -> None:
        self._heard.append(heard)

    def take(self, hint: Hint) -> None:
        if not self._closed:
            for heard in self._heard:
                heard(hint)

    def ask(self) -> BusState | None:
        return BusState(ok=not self._closed, detail="In one process.")

    def close(self) -> None:
        self._closed = True
