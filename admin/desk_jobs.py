"""What the worker does for the desk: jobs that an officer's decision made and the desk signed.

A job without the signature of the pinned desk is refused for good. A job that was done already is
found done: its id is the request id of what it does in the chat.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog
from sqlalchemy import bindparam, update

from admin.wiring.approvals import ENFORCE
from admin.wiring.policy import do_enforce, verify_approval
from admin.wiring.recall import RECALL, RESTORE
from admin.wiring.release import REJECT, RELEASE
from admin.wiring.signed_jobs import job_message
from admin.wiring.worker import WorkerServices
from audit.archive.rebuild import BUILD, SWITCH
from audit.retention.dispose import EXPIRE
from core.crypto.pins import DISCOVERY_IDENTITY, Pins
from core.errors import ChanceryError, Conflict, IntegrityError
from core.jobs import Job, Jobs
from core.messaging.model import Person, VersionKind
from core.messaging.quarantine import due_items
from core.schema import chat, desk
from core.store import Statement, Tx
from core.trail import Tag
from core.types import BundleHash, ConversationId, ItemId, PersonFacts, PersonId, new_id, to_ms
from policies.bundle import from_canonical
from policies.lifecycle import Approval

LAPSED = Person(PersonId("time"), "time", "The clock", "", PersonFacts(PersonId("time")))

_PROPOSAL_DONE = Statement(
    update(desk.proposals).where(desk.proposals.c.id == bindparam("which")).values(state="enforced")
)
_OWN_PROPOSAL_DONE = Statement(
    update(chat.proposals).where(chat.proposals.c.id == bindparam("which")).values(state="enforced")
)
_OUTCOME = Statement(
    update(desk.queue).where(desk.queue.c.item_id == bindparam("item")).values(outcome=bindparam("said"))
)

log = structlog.get_logger(__name__)

Handler = Callable[[Job, Mapping[str, Any]], str]


class DeskJobs:
    """Claims and does signed jobs, one at a time."""

    def __init__(self, worker: WorkerServices) -> None:
        self._worker = worker
        self._chat = worker.chat
        self._jobs = Jobs(desk.jobs)
        self._owner = f"worker-{new_id()[:8]}"
        self._desk_identity = Pins(worker.archive_ring).verifier(DISCOVERY_IDENTITY)
        self.handlers: dict[str, Handler] = {
            RELEASE: self._release,
            REJECT: self._reject,
            RECALL: self._recall,
            RESTORE: self._restore,
            ENFORCE: self._enforce,
            EXPIRE: lambda job, payload: worker.expiry.expire(job.id, payload),
            BUILD: lambda _, payload: worker.switch.build(payload),
            SWITCH: lambda _, payload: worker.switch.switch(payload),
        }

    def run(self) -> int:
        """Do every job that is ready; return how many were done."""
        done = 0
        kinds = tuple(self.handlers)
        while job := self._worker.desk.write(
            lambda tx: self._jobs.claim(tx, kinds, self._owner, self._chat.clock.now())
        ):
            self._run_one(job)
            done += 1
        return done

    def lapse(self) -> int:
        """End quarantined messages whose time is over."""
        clock = self._chat.clock
        due = self._chat.store.read(lambda tx: due_items(tx, to_ms(clock.now())))
        for item, conversation in due:
            try:
                # In the clock's own name: nobody else can have used its request ids.
                self._chat.messaging.end_quarantine(
                    VersionKind.LAPSE, LAPSED.id, f"lapse-{item}", conversation, item, LAPSED
                )
            except Conflict:
                continue
            except ChanceryError as error:
                # One that cannot be ended must not keep the others waiting.
                log.warning("message not lapsed", item=item, code=error.code)
        return len(due)

    def _run_one(self, job: Job) -> None:
        now = self._chat.clock.now
        try:
            self._desk_identity.verify(job.signature or b"", job_message(job.id, job.kind, job.payload))
            outcome = self.handlers[job.kind](job, orjson.loads(job.payload))
        except IntegrityError as error:
            code = error.code
            log.warning("job refused", job=job.id, kind=job.kind, code=error.code)
            self._worker.desk.write(lambda tx: self._jobs.fail(tx, job, now(), code))
        except ChanceryError as error:
            code = error.code
            if error.retryable:
                self._worker.desk.write(lambda tx: self._jobs.retry(tx, job, now(), code))
                return
            self._worker.desk.write(lambda tx: self._jobs.fail(tx, job, now(), code))
        except Exception:
            log.exception("job broke", job=job.id, kind=job.kind)
            self._worker.desk.write(lambda tx: self._jobs.retry(tx, job, now(), "internal"))
        else:
            self._worker.desk.write(lambda tx: self._jobs.finish(tx, job, now(), outcome))

    # -- what jobs do -----------------------------------------------------------------------------

    def _release(self, job: Job, payload: Mapping[str, Any]) -> str:
        """Decide again and deliver; what is new stops it still."""
        item = ItemId(payload["item"])
        answer = self._chat.messaging.release(
            PersonId(payload["sender"]),
            job.id,
            ConversationId(payload["conversation"]),
            item,
            approved=frozenset(payload["approved"]),
            officer=_officer(payload),
            reason=str(payload["reason"]),
            files=self._worker.files.texts.of_item(item),
        )
        outcome = "released" if answer["ok"] else str(answer["code"])
        self._done(payload, outcome, item)
        return outcome

    def _reject(self, job: Job, payload: Mapping[str, Any]) -> str:
        item = ItemId(payload["item"])
        self._chat.messaging.end_quarantine(
            VersionKind.REJECT,
            PersonId(payload["sender"]),
            job.id,
            ConversationId(payload["conversation"]),
            item,
            _officer(payload),
            str(payload["reason"]),
        )
        self._done(payload, "rejected", item)
        return "rejected"

    def _recall(self, job: Job, payload: Mapping[str, Any]) -> str:
        self._chat.messaging.recall(
            PersonId(payload["sender"]),
            job.id,
            ConversationId(payload["conversation"]),
            ItemId(payload["item"]),
            officer=_officer(payload),
            reason=str(payload["reason"]),
        )
        self._note(Tag.RECALL_EXECUTED, payload, "recalled")
        return "recalled"

    def _restore(self, job: Job, payload: Mapping[str, Any]) -> str:
        """Decide again and show it again; what is new stops it still."""
        item = ItemId(payload["item"])
        answer = self._chat.messaging.restore(
            PersonId(payload["sender"]),
            job.id,
            ConversationId(payload["conversation"]),
            item,
            approved=frozenset(payload["approved"]),
            officer=_officer(payload),
            reason=str(payload["reason"]),
            files=self._worker.files.texts.of_item(item),
        )
        outcome = "restored" if answer["ok"] else str(answer["code"])
        self._note(Tag.RECALL_EXECUTED, payload, outcome)
        return outcome

    def _enforce(self, job: Job, payload: Mapping[str, Any]) -> str:
        """Put an approved policy in force."""
        approval = Approval(
            hash=BundleHash(payload["hash"]),
            number=int(payload["number"]),
            predecessor=BundleHash(payload["predecessor"]),
            signature=base64.b64decode(payload["signature"]),
        )
        verify_approval(self._chat.ring, approval)
        form = base64.b64decode(payload["canonical"])
        from_canonical(form)

        def work(tx: Tx) -> None:
            if do_enforce(tx, approval, form, self._chat.clock):
                detail = {"number": approval.number}
                self._chat.trail.record(tx, Tag.POLICY_ENFORCED, "worker", approval.hash, detail)
            tx.run(_OWN_PROPOSAL_DONE, which=payload["proposal"])

        self._chat.store.write(work)
        self._worker.desk.write(lambda tx: tx.run(_PROPOSAL_DONE, which=payload["proposal"]))
        return f"policy {approval.number} is in force"

    def _done(self, payload: Mapping[str, Any], outcome: str, item: ItemId) -> None:
        self._worker.desk.write(lambda tx: tx.run(_OUTCOME, item=item, said=outcome))
        self._note(Tag.RELEASE_EXECUTED, payload, outcome)

    def _note(self, tag: Tag, payload: Mapping[str, Any], outcome: str) -> None:
        officer, item = str(payload["officer"]["id"]), str(payload["item"])
        detail = {"outcome": outcome, "reason": str(payload["reason"])}
        self._chat.store.write(lambda tx: self._chat.trail.record(tx, tag, officer, item, detail))


def _officer(payload: Mapping[str, Any]) -> Person:
    given = payload["officer"]
    who = PersonId(given["id"])
    return Person(who, given["username"], given["name"], given.get("email", ""), PersonFacts(who))
