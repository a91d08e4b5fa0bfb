"""Approving policies at the desk: proposals as mirrored, a second person's signature, a job to enforce."""

import base64
from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, insert, select, update

from admin.wiring.signed_jobs import SignedJobs
from core.crypto.signing import Signer
from core.errors import Conflict, NotFound
from core.identity.sealing import Recorder
from core.schema import desk
from core.store import Row, Statement, Store, Tx
from core.trail import Tag
from core.types import BundleHash, Clock, from_ms, to_ms
from policies.bundle import from_canonical, hash_of
from policies.bundle_tests import TestReport, run_tests
from policies.compiled import Compiler
from policies.lifecycle import Approval, Head, Proposal, State, approve, reject

_p, _m = desk.proposals.c, desk.meta.c

_ALL = Statement(select(desk.proposals).order_by(_p.at_ms.desc()))
_ONE = Statement(select(desk.proposals).where(_p.id == bindparam("proposal")))
_MOVE = Statement(
    update(desk.proposals)
    .where(_p.id == bindparam("proposal"), _p.state == bindparam("expected"))
    .values(
        state=bindparam("moved_to"),
        number=bindparam("new_number"),
        predecessor=bindparam("new_predecessor"),
        decided_by=bindparam("by"),
        decided_ms=bindparam("at"),
    )
)
_HEAD = Statement(select(_m.value).where(_m.key == "policy_head"))
_FIRST_HEAD = Statement(insert(desk.meta).values(key="policy_head", value=bindparam("head")))
_SET_HEAD = Statement(update(desk.meta).where(_m.key == "policy_head").values(value=bindparam("head")))
_FIRST_FORM = Statement(select(_m.value).where(_m.key == "first_policy"))
_KEEP_FIRST_FORM = Statement(insert(desk.meta).values(key="first_policy", value=bindparam("form")))
_FORM = Statement(select(_p.canonical).where(_p.hash == bindparam("hash")).limit(1))

ENFORCE = "enforce-policy"


class Approvals:
    """Proposals of the desk store. ``head`` is the last bundle that the desk approved."""

    def __init__(
        self,
        store: Store,
        identity: Signer,
        signed: SignedJobs,
        clock: Clock,
        record: Recorder,
        compiler: Compiler,
        open_mail: Callable[[bytes], bytes],
    ) -> None:
        self._store = store
        self._identity = identity
        self._clock = clock
        self._record = record
        self._signed = signed
        self._compiler = compiler
        self._open_mail = open_mail

    def proposals(self) -> Sequence[Proposal]:
        """Return all proposals, newest first."""
        return [self._proposal(row) for row in self._store.read(lambda tx: tx.rows(_ALL))]

    def get(self, proposal: str) -> Proposal:
        """Return one proposal. Raises NotFound ``no_proposal``."""
        return self._store.read(lambda tx: self._proposal(_row(tx, proposal)))

    def head(self) -> Head:
        """Return number and hash of the last approved bundle."""
        return self._store.read(_head)

    def in_force(self) -> bytes | None:
        """Return the canonical form of the last approved bundle, or None while there is none."""
        return self._store.read(lambda tx: _form(tx, _head(tx).hash))

    def form(self, hashed: BundleHash) -> bytes | None:
        """Return the canonical form of any bundle that was proposed or began this house, or None."""
        return self._store.read(lambda tx: _form(tx, hashed))

    def test(self, proposal: str) -> TestReport:
        """Run a proposed bundle's own tests."""
        return run_tests(self._compiler.compile(from_canonical(self.get(proposal).canonical)))

    def approve(self, proposal: str, approver_person: str, approver: str) -> Approval:
        """Approve and sign a proposal; the worker enforces it. One of two decisions wins.

        ``approver_person`` is who the approver is in the chat, so that nobody approves their own.

        Raises:
            Denied: ``own_request``.
            Conflict: ``already_decided`` or ``already_enforced``.
            InvalidInput: ``bundle_tests_failed``.
        """
        report = self.test(proposal)

        def work(tx: Tx) -> Approval:
            found = self._proposal(_row(tx, proposal))
            moved, approval = approve(
                found, approver_person, _head(tx), report, self._clock.now(), self._identity.sign
            )
            self._move(tx, found, moved.state, approver, approval)
            tx.run(_SET_HEAD, head=_head_text(approval))
            payload: dict[str, object] = {
                "hash": approval.hash,
                "number": approval.number,
                "predecessor": approval.predecessor,
                "signature": base64.b64encode(approval.signature).decode(),
                "canonical": base64.b64encode(found.canonical).decode(),
                "proposal": proposal,
            }
            self._signed.post(tx, ENFORCE, payload)
            detail = {"hash": approval.hash, "number": approval.number}
            self._record(tx, Tag.POLICY_APPROVED, approver, proposal, detail)
            return approval

        return self._store.write(work)

    def reject(self, proposal: str, approver: str) -> None:
        """Reject a proposal. Raises Conflict ``already_decided``."""

        def work(tx: Tx) -> None:
            found = self._proposal(_row(tx, proposal))
            moved = reject(found, approver, self._clock.now())
            self._move(tx, found, moved.state, approver, None)
            self._record(tx, Tag.POLICY_REJECTED, approver, proposal, {"hash": found.hash})

        self._store.write(work)

    def record_first(self, approval: Approval, canonical: bytes) -> None:
        """Remember the first bundle of a new house as the head. Raises Conflict ``already_initialised``."""

        def work(tx: Tx) -> None:
            if tx.one(_HEAD) is not None:
                raise Conflict("There is a first policy already.", code="already_initialised")
            tx.run(_FIRST_HEAD, head=_head_text(approval))
            tx.run(_KEEP_FIRST_FORM, form=base64.b64encode(canonical).decode())
            self._record(tx, Tag.POLICY_APPROVED, "init", approval.hash, {"number": approval.number})

        self._store.write(work)

    def _proposal(self, row: Row) -> Proposal:
        return Proposal(
            row.id,
            BundleHash(row.hash),
            bytes(row.canonical),
            row.author_id,
            self._open_mail(bytes(row.reason)).decode(),
            from_ms(row.at_ms),
            State(row.state),
            row.decided_by or "",
            from_ms(row.decided_ms) if row.decided_ms else None,
        )

    def _move(self, tx: Tx, found: Proposal, state: State, by: str, approval: Approval | None) -> None:
        moved = tx.run(
            _MOVE,
            proposal=found.id,
            expected=found.state,
            moved_to=state,
            new_number=approval.number if approval else 0,
            new_predecessor=approval.predecessor if approval else "",
            by=by,
            at=to_ms(self._clock.now()),
        )
        if not moved:
            raise Conflict("This proposal was decided in the meantime.", code="already_decided")


def _row(tx: Tx, proposal: str) -> Row:
    row = tx.one(_ONE, proposal=proposal)
    if row is None:
        raise NotFound("There is no such proposal.", code="no_proposal")
    return row


def _head(tx: Tx) -> Head:
    text = tx.value(_HEAD)
    if text is None:
        return Head()
    number, hashed = str(text).split(" ")
    return Head(int(number), BundleHash(hashed))


def _form(tx: Tx, hashed: BundleHash) -> bytes | None:
    proposed = tx.value(_FORM, hash=hashed)
    if proposed is not None:
        return bytes(proposed)
    first = tx.value(_FIRST_FORM)
    form = base64.b64decode(str(first)) if first is not None else b""
    return form if hash_of(form) == hashed else None


def _head_text(approval: Approval) -> str:
    return f"{approval.number} {approval.hash}"
