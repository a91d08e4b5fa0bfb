"""The Socket.IO server: handshake, one ordered event at a time per connection, and the beat.

Plain Flask-SocketIO, websocket only. Everything that is said goes through ``handlers``; everything
that is heard through ``fanout``. Once a second the beat looks for revoked sessions, foreign commits
and hints, so that nothing depends on a message between processes arriving.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import flask
import msgspec
import structlog
from flask_socketio import SocketIO

from admin.bootstrap.chat import realtime_readiness
from core import metrics
from core.errors import ChanceryError, InvalidInput, NotFound
from core.identity.permissions import Permission, check_permission, is_permitted
from core.logs import Recurring
from core.messaging.limits import RateLimit
from core.types import ConversationId, PersonId, UsageRules, new_id
from web.realtime.connections import Connection, Emitter
from web.realtime.handlers import EVENTS, Event
from web.realtime.services import RealtimeServices
from web.realtime.wire import check_storable

MAX_UNACKED = 64
BEAT_SECONDS = 0.5
STRANGER_SECONDS = 10.0
LINGER_SECONDS = 3.0
"""For how long a process that drains waits for those who did not go."""
STALLED_SECONDS = 5.0
MAX_PER_PERSON = 50
MAX_QUEUED = 2_000
"""Packets that wait for one slow client before it is hung up on; it asks for the rest when it is back."""

log = structlog.get_logger(__name__)


class RealtimeServer:
    """Binds Socket.IO to the services of this process."""

    def __init__(self, services: RealtimeServices, app: flask.Flask, socketio: SocketIO) -> None:
        self.services = services
        self.socketio = socketio
        self._connections = services.connections
        self._per_connection = RateLimit(services.clock, services.settings.rate_per_connection)
        self._per_person = RateLimit(services.clock, services.settings.rate_per_person)
        self._drafts = RateLimit(services.clock, services.settings.rate_per_person)
        self._transport: Any = socketio.server.eio  # type: ignore[attr-defined]
        self._strangers: dict[str, float] = {}
        self._last_beat = float("-inf")
        self._usage: UsageRules | None = None
        self.readiness = realtime_readiness(services.chat, self._check_beat)
        services.fanout.on_members(self._refresh)
        app.get("/healthz")(self._healthz)
        app.get("/readyz")(self._readyz)
        socketio.on_event("connect", self._connect)
        socketio.on_event("disconnect", self._disconnect)
        for name, event in EVENTS.items():
            socketio.on_event(name, self._handler(name, event))
        socketio.on_event("*", self._unknown)

    # -- connections ------------------------------------------------------------------------------

    def _connect(self, _auth: Any = None) -> bool:
        """Let in who has a live session and may chat; refuse everybody else.

        The door let nobody come this far from another site.
        """
        request = flask.request
        token = request.cookies.get(self.services.cookie, "")
        found = self.services.find_session(token) if token else None
        if found is None:
            return False
        session, roles = found
        sid: str = request.sid  # type: ignore[attr-defined]
        person = PersonId(session.person)
        if len(self._connections.of_person(person)) >= MAX_PER_PERSON:
            return False
        connection = Connection(sid, person, session.id, roles, self.services.hears(person))
        if not is_permitted(self.services.principal(connection), Permission.CHAT_USE):
            return False
        server: Any = self.socketio.server  # type: ignore[attr-defined]
        connection.transport = server.manager.eio_sid_from_sid(sid, "/")
        self._connections.add(connection)
        return True

    def _disconnect(self, *_reason: Any) -> None:
        sid: str = flask.request.sid  # type: ignore[attr-defined]
        self._connections.remove(sid)
        self.services.hints.forget(sid)

    # -- events -----------------------------------------------------------------------------------

    def _handler(self, name: str, event: Event) -> Callable[..., dict[str, Any]]:
        def handle(payload: Any = None, *_more: Any) -> dict[str, Any]:
            sid: str = flask.request.sid  # type: ignore[attr-defined]
            connection = self._connections.get(sid)
            if connection is None:
                return ChanceryError("Sign in again.", code="not_signed_in").as_dict()
            return self.answer(connection, name, event, payload)

        return handle

    def answer(self, connection: Connection, name: str, event: Event, payload: Any) -> dict[str, Any]:
        """Carry one event to its acknowledgement; every failure has a code."""
        if connection.unacked >= MAX_UNACKED:
            return InvalidInput("Wait for answers before sending more.", code="too_many_unacked").as_dict()
        connection.unacked += 1
        begun = time.monotonic()
        try:
            self._per_connection.take(connection.sid)
            if event.counted:
                self._per_person.take(connection.person)
            if event.weighed:
                self._drafts.take(connection.person)
            check_permission(self.services.principal(connection), event.permission)
            check_storable(payload)
            form = msgspec.convert(payload if payload is not None else {}, event.form)
            answer = event.handle(self.services, connection, form)
        except msgspec.ValidationError as error:
            return InvalidInput(f"The request is malformed: {error}.", code="bad_request").as_dict()
        except ChanceryError as error:
            return error.as_dict()
        except Exception:
            reference = new_id()
            log.exception("event failed", event_name=name, request=reference)
            message = f"Something went wrong here. Nothing was sent. Reference {reference}."
            return {**ChanceryError(message, code="internal").as_dict(), "retryable": True}
        finally:
            connection.unacked -= 1
            if event.counted:
                metrics.ACK.observe(time.monotonic() - begun)
        return {"ok": True, **answer}

    def _unknown(self, name: str, *_payload: Any) -> dict[str, Any]:
        return NotFound(
            "There is no such event.",
            code="unknown_event",
            event=name[:40].encode("utf-8", "replace").decode(),
        ).as_dict()

    # -- the end ----------------------------------------------------------------------------------

    def drain(self, within: float) -> None:
        """Send everybody elsewhere, each at a moment of their own within so many seconds.

        Returns when nobody is left, or a little after that time with whoever did not go hung up on.
        Nobody may be let in any more.
        """
        self.readiness.drain()
        log.info("draining", connections=len(self._connections))
        sids = [connection.sid for connection in self._connections]
        emitter(self.socketio)("drain", {"within_seconds": within}, sids)
        deadline = time.monotonic() + within + LINGER_SECONDS
        while len(self._connections) and time.monotonic() < deadline:
            self.services.blocking.sleep(0.05)
        for connection in self._connections:
            self._hang_up(connection.transport)
        log.info("drained", left=len(self._connections))

    # -- the beat ---------------------------------------------------------------------------------

    def run_beat(self) -> None:
        """Beat until the process ends; a failing beat is logged and the next one comes."""
        trouble = Recurring(log, "beat failed")
        while True:
            try:
                self.beat()
                trouble.well()
            except Exception:
                trouble.failed()
            self.services.blocking.sleep(BEAT_SECONDS)

    def beat(self) -> None:
        """Confirm the policy, close revoked connections, deliver foreign commits, flush hints."""
        services = self.services
        services.refresh_policy()
        self._tell_usage()
        self._close_ended()
        self._close_strangers()
        services.fanout.poll()
        services.own.poll()
        services.hints.flush()
        self._last_beat = time.monotonic()

    def _tell_usage(self) -> None:
        """Tell everybody here when a policy changed what people may do with what was said."""
        usage = self.services.usage()
        if self._usage is not None and usage != self._usage:
            sids = [connection.sid for connection in self._connections]
            emitter(self.socketio)("usage", usage.as_dict(), sids)
        self._usage = usage

    def _close_ended(self) -> None:
        """Close the connections of sessions that ended; give the others the roles in force now."""
        connections = list(self._connections)
        if not connections:
            return
        live = self.services.live_sessions({each.session: each.person for each in connections})
        for connection in connections:
            roles = live.get(connection.session, frozenset())
            connection.roles = roles
            if not is_permitted(self.services.principal(connection), Permission.CHAT_USE):
                self._close(connection)
            elif self._waiting(connection) > MAX_QUEUED:
                self._connections.remove(connection.sid)
                self._hang_up(connection.transport)

    def _close_strangers(self) -> None:
        """Hang up on sockets that have been open for a while and belong to nobody."""
        now = time.monotonic()
        strangers = self._transport.sockets.keys() - {each.transport for each in self._connections}
        self._strangers = {sid: self._strangers.get(sid, now) for sid in strangers}
        for sid, since in self._strangers.items():
            if now - since > STRANGER_SECONDS:
                self._hang_up(sid)

    def _close(self, connection: Connection) -> None:
        """Tell a client that it is signed out, and hang up."""
        server: Any = self.socketio.server  # type: ignore[attr-defined]
        self._connections.remove(connection.sid)
        self.socketio.emit("signed_out", {}, to=connection.sid)
        server.disconnect(connection.sid)
        self._hang_up(connection.transport)

    def _waiting(self, connection: Connection) -> int:
        transport = self._transport.sockets.get(connection.transport)
        return int(transport.queue.qsize()) if transport is not None else 0

    def _hang_up(self, sid: str) -> None:
        """End a transport without waiting for a client that may never read what is still queued."""
        transport = self._transport.sockets.pop(sid, None)
        if transport is not None:
            transport.close(wait=False)

    def _refresh(self, conversation: ConversationId) -> None:
        """Let live connections enter or leave a conversation whose members changed elsewhere."""
        members = self.services.members(conversation)
        fanout = self.services.fanout
        for connection in self._connections.hearing(conversation):
            if connection.person not in members:
                fanout.membership_changed(conversation, connection.person, member=False)
        for person in members:
            for connection in self._connections.of_person(person):
                if conversation not in connection.hears:
                    sees_from = members[person]
                    self._connections.enter(connection, conversation, sees_from)
                    self.socketio.emit(
                        "conversation_added", {"conversation": conversation}, to=connection.sid
                    )

    def _healthz(self) -> dict[str, Any]:
        """Answer that the process breathes."""
        return {"ok": True}

    def _readyz(self) -> tuple[dict[str, Any], int]:
        """Answer whether it can do its work: 503 and a short code while it cannot, or while it drains."""
        return self.readiness.answer()

    def _check_beat(self) -> None:
        """Raise if the beat stands still, or has not begun."""
        if time.monotonic() - self._last_beat > STALLED_SECONDS:
            raise TimeoutError


def emitter(socketio: SocketIO) -> Emitter:
    """Return what sends one event to many sockets, encoded once however many they are."""

    def emit(event: str, payload: dict[str, Any], sids: Sequence[str]) -> None:
        # To nobody in particular would be to everybody.
        if sids:
            socketio.emit(event, payload, to=list(sids))  # type: ignore[arg-type]  # takes several, too

    return emit
