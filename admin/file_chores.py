"""The worker's chores with files: reads them in the sandbox, has them decided, removes what is forgotten.

Reading takes its time, so it is done in a few threads of its own, each with a child; people take turns, so
that nobody waits for all the files of another. Deciding is done between the other chores.
Each step is a job of the chat store, taken up again by whoever finds it after a crash.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

import msgspec
import orjson
import structlog

from admin.chores import TICK, Chore, Chores
from admin.desk_jobs import LAPSED
from admin.file_turns import Turns
from admin.sandbox.run import Sighted, sandbox_of
from admin.wiring.chat import ChatServices
from admin.wiring.files import FileServices
from core.blobs.sealed import CHUNK, Blob, chunks_of
from core.errors import ChanceryError, Conflict, IntegrityError, NotFound
from core.jobs import MAX_TRIES, Job, Jobs
from core.messaging.files.model import EXCERPT, File, Found, Meta, Role, Stored
from core.messaging.files.rows import do_note_blobs, do_note_found
from core.messaging.files.send import DECIDE_FILES, READ_FILES
from core.messaging.files.sweep import Sweep
from core.messaging.model import ItemState, VersionKind
from core.messaging.quarantine import waiting_item
from core.schema import chat
from core.store import Tx
from core.types import ConversationId, ItemId, PersonId, new_id, to_ms

LOOK_EVERY_S = 60.0
SWEEP_EVERY_S = 60.0
_AGAIN = timedelta(minutes=5)

log = structlog.get_logger(__name__)


class FileChores:
    """Brings files from *checking* to their end."""

    def __init__(
        self, services: ChatServices, files: FileServices, reach: Callable[[str], None] = lambda _: None
    ) -> None:
        settings = services.settings
        self._chat, self._files, self._reach = services, files, reach
        self._jobs, self._owner = Jobs(chat.jobs), f"files-{new_id()[:8]}"
        self._sandbox, self._turns = sandbox_of(settings), Turns()
        self.sweep = Sweep(
            services.store, files.blobs, services.clock, timedelta(hours=settings.files_unfinished_hours)
        )
        self._trouble = ""
        self.threads = [
            Chores([Chore("read files", TICK, self.read)]) for _ in range(settings.sandbox_at_once)
        ]
        self.threads[0].all += [
            Chore("sweep files", SWEEP_EVERY_S, self.sweep.run),
            Chore("look at files", LOOK_EVERY_S, self.look),
        ]

    def start(self) -> None:
        """Do the chores of the threads until the process ends."""
        for chores in self.threads:
            Thread(target=chores.run_forever, name="files", daemon=True).start()

    def failing(self) -> list[str]:
        """Return the names of the chores that failed last time, in any of the threads."""
        return list(dict.fromkeys(name for chores in self.threads for name in chores.failing()))

    def status(self) -> dict[str, Any]:
        """Return how it is, for the worker's status file; no names."""
        return {"ok": not self._trouble, "detail": self._trouble}

    def look(self) -> None:
        """See whether files can be kept and read."""
        try:
            self._files.blobs.store.check()
            self._sandbox.check()
            self._trouble = ""
        except ChanceryError as error:
            self._trouble = error.message
            raise

    def read(self) -> int:
        """Read the files of every message that waits for it; return how many jobs were taken up."""
        done = 0
        while self.read_next():
            done += 1
        return done

    def read_next(self) -> bool:
        """Read the files of one message: of whoever's turn it is; tell whether there was one."""
        with self._turns.lock:
            job = self._claim(READ_FILES, self._choose)
            if job is None:
                return False
            person = _sender_of(job.payload)
            self._turns.began(person)
        try:
            self._one(job, self._read)
        finally:
            self._turns.ended(person)
        return True

    def decide(self) -> int:
        """Have decided every message whose files were read; return how many jobs were taken up."""
        done = 0
        while job := self._claim(DECIDE_FILES):
            self._one(job, self._decide)
            done += 1
        return done

    def _claim(self, kind: str, choose: Callable[[Sequence[bytes]], int] | None = None) -> Job | None:
        return self._chat.store.write(
            lambda tx: self._jobs.claim(tx, (kind,), self._owner, self._chat.clock.now(), choose)
        )

    def _choose(self, payloads: Sequence[bytes]) -> int:
        return self._turns.choose([_sender_of(payload) for payload in payloads])

    def _one(self, job: Job, work: Callable[[Job, dict[str, Any]], None]) -> None:
        payload = orjson.loads(job.payload)
        try:
            work(job, payload)
        except (NotFound, IntegrityError) as error:
            # Its bytes are gone or were changed: it will never be read, and nobody may wait for it.
            log.warning("file lost", item=payload["item"], code=error.code)
            self._lapse(payload)
            self._finish(job, error.code)
        except Conflict as error:
            if error.code == "cannot_deliver":
                self._lapse(payload)
            if error.code != "lease_lost":
                self._finish(job, error.code)
        except ChanceryError as error:
            self._later(job, error.code)
        except Exception:
            log.exception("file job broke", job=job.id, kind=job.kind)
            self._later(job, "internal")

    def _read(self, job: Job, payload: dict[str, Any]) -> None:
        item, now = ItemId(payload["item"]), self._chat.clock.now
        self._chat.store.read(lambda tx: waiting_item(tx, item, states=(ItemState.CHECKING,)))
        for file in self._files.texts.files(item):
            if file.meta.found is None:
                self._chat.store.write(lambda tx: self._jobs.extend(tx, job, now()))
                self._look_into(file)
                self._reach("files.after_reading")

        def hand_on(tx: Tx) -> None:
            self._jobs.finish(tx, job, now())
            self._jobs.add(tx, DECIDE_FILES, job.payload, now())

        self._chat.store.write(hand_on)

    def _look_into(self, file: File) -> None:
        """Read one file, keep what it looks like, then note it."""
        rules = self._chat.gate.settings().files
        original = file.meta.original.blob()
        sight = self._sandbox.look(
            self._files.blobs.read(original),
            file.size,
            previews=rules.previews,
            strip_metadata=rules.strip_metadata,
        )
        parts = [(Role(p.role), p.content, p.type, p.width, p.height) for p in sight.parts]
        if sight.text:
            parts.append((Role.TEXT, sight.text.encode("utf-8", "replace"), "text/plain", 0, 0))
        stored = [
            (role, Stored.of(Blob.new(len(content)), type_, width, height), content)
            for role, content, type_, width, height in parts
        ]
        # Noted before they are written, so that none is ever forgotten.
        self._chat.store.write(lambda tx: do_note_blobs(tx, file.id, [(r, s) for r, s, _ in stored]))
        for _, part, content in stored:
            for index in range(chunks_of(part.size)):
                piece = content[index * CHUNK : (index + 1) * CHUNK]
                self._files.blobs.put_chunk(part.blob(), index, piece)
        self._reach("files.after_parts")
        found = _found(sight, [(role, part) for role, part, _ in stored])
        meta = msgspec.structs.replace(file.meta, found=found)
        self._note(file, meta)

    def _note(self, file: File, meta: Meta) -> None:
        at = to_ms(self._chat.clock.now())
        self._chat.store.write(lambda tx: do_note_found(tx, self._chat.messaging.vault, file.id, meta, at))

    def _decide(self, job: Job, payload: dict[str, Any]) -> None:
        item = ItemId(payload["item"])
        self._chat.messaging.deliver_checked(
            PersonId(payload["sender"]),
            # The sender never learns this id, so nobody else can have used it.
            job.id,
            ConversationId(payload["conversation"]),
            item,
            self._files.texts.of_item(item),
        )
        self._reach("files.after_deciding")
        self._finish(job)

    def _lapse(self, payload: dict[str, Any]) -> None:
        item = ItemId(payload["item"])
        try:
            self._chat.messaging.end_quarantine(
                VersionKind.LAPSE, LAPSED.id, f"lapse-{item}", ConversationId(payload["conversation"]), item,
                LAPSED,
            )  # fmt: skip
        except Conflict:
            return

    def _finish(self, job: Job, note: str = "") -> None:
        self._chat.store.write(lambda tx: self._jobs.finish(tx, job, self._chat.clock.now(), note))

    def _later(self, job: Job, why: str) -> None:
        """Try again later, for as long as it takes: somebody waits for it."""
        now = self._chat.clock.now()

        def work(tx: Tx) -> None:
            if job.tries < MAX_TRIES:
                self._jobs.retry(tx, job, now, why)
            else:
                self._jobs.finish(tx, job, now, why)
                self._jobs.add(tx, job.kind, job.payload, now, after=now + _AGAIN)

        self._chat.store.write(work)


def _sender_of(payload: bytes) -> str:
    return str(orjson.loads(payload)["sender"])


def _found(sight: Sighted, parts: Sequence[tuple[Role, Stored]]) -> Found:
    is_text = sight.type.startswith("text/")
    return Found(
        type=sight.type,
        sha256=sight.sha256,
        problem=sight.problem,
        chars=len(sight.text),
        pages=sight.pages,
        width=sight.width,
        height=sight.height,
        excerpt=sight.text[:EXCERPT] if is_text else "",
        parts={str(role): part for role, part in parts},
    )
