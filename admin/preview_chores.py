"""The worker's chore with links: sees what a message leads to, and has that decided and shown.

Fetching takes its time, so it is done in a thread of its own; deciding is done between the other
chores. A page that cannot be had or may not be
shown leaves its message as it is.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from queue import Queue
from threading import Thread

import orjson
import structlog

from admin.chores import TICK, Chore, Chores
from core.egress import Egress
from core.errors import ChanceryError
from core.jobs import Job, Jobs
from core.messaging.previews import PREVIEW, Seen, ShowPreview, linked
from core.messaging.service import Messaging
from core.messaging.webpage import seen_on
from core.schema import chat
from core.store import Store
from core.types import Clock, ConversationId, ItemId, new_id

log = structlog.get_logger(__name__)


class PreviewChores:
    """Brings previews to messages with links."""

    def __init__(
        self, store: Store, clock: Clock, messaging: Messaging, egress: Egress, allowed: Callable[[], bool]
    ) -> None:
        self._store, self._clock, self._messaging = store, clock, messaging
        self._egress, self._allowed = egress, allowed
        self._jobs, self._owner = Jobs(chat.jobs), f"previews-{new_id()[:8]}"
        self._found: Queue[tuple[Job, str, Seen]] = Queue()
        self.chores = Chores([Chore("preview links", TICK, self.run)])

    def start(self) -> None:
        """Do the chore until the process ends."""
        Thread(target=self.chores.run_forever, name="previews", daemon=True).start()

    def run(self) -> int:
        """Fetch every page that a message waits for; return how many jobs were taken up."""
        done, store = 0, self._store
        while job := store.write(lambda tx: self._jobs.claim(tx, (PREVIEW,), self._owner, self._now())):
            self._guarded(job, self._look)
            done += 1
        return done

    def show(self) -> int:
        """Have decided and shown what was fetched, between the other chores; return how much it was."""
        done = 0
        while not self._found.empty():
            job, link, seen = self._found.get()
            self._guarded(job, partial(self._show, link=link, seen=seen))
            done += 1
        return done

    def _guarded(self, job: Job, work: Callable[[Job], str | None]) -> None:
        """Do a part of a job; what fails for good ends it, and its message stays as it is."""
        store = self._store
        try:
            outcome = work(job)
            if outcome is not None:
                store.write(lambda tx: self._jobs.finish(tx, job, self._now(), outcome))
        except ChanceryError as error:
            code = error.code
            if code == "lease_lost":
                return
            if error.retryable and code != "egress_failed":
                store.write(lambda tx: self._jobs.retry(tx, job, self._now(), code))
            else:
                store.write(lambda tx: self._jobs.finish(tx, job, self._now(), code))
        except Exception:
            log.exception("preview broke", job=job.id)
            store.write(lambda tx: self._jobs.finish(tx, job, self._now(), "internal"))

    def _look(self, job: Job) -> str | None:
        """Fetch the page; what it says is kept in memory, and fetched anew after a crash."""
        if not self._allowed():
            return "off"
        writing, item = self._messaging.writing, orjson.loads(job.payload)["item"]
        link = self._store.read(lambda tx: linked(writing, tx, item))
        if link is None:
            return "gone"
        seen = seen_on(self._egress.fetch(link), link)
        if seen is None:
            return "nothing to see"
        self._found.put((job, link, seen))
        return None

    def _show(self, job: Job, *, link: str, seen: Seen) -> str:
        payload, messaging = orjson.loads(job.payload), self._messaging
        item = ItemId(payload["item"])
        answer = messaging.pipeline.run(
            ShowPreview(
                writing=messaging.writing,
                client_id=f"preview-{item}-{payload['version']}",
                conversation=ConversationId(payload["conversation"]),
                item=item,
                link=link,
                seen=seen,
            )
        )
        return "shown" if answer["ok"] else "stopped"

    def _now(self) -> datetime:
        return self._clock.now()
