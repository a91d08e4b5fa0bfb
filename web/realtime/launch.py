"""Builds and serves the websocket process, after patching (or in threads, unpatched)."""

import argparse
import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import flask
import orjson
from flask_socketio import SocketIO
from werkzeug.serving import WSGIRequestHandler, make_server

from admin.bootstrap import die_with_parent, listen_address
from admin.bootstrap.chat import Monitor, build_chat, serve_monitor
from core.blocking import ThreadBlocking
from core.crypto.rings import ProcessRole
from core.logs import configure_logs, tell_of_crashes
from core.ports import Blocking
from core.settings import Settings
from web.realtime import green
from web.realtime.connections import Connections
from web.realtime.door import MAX_FRAME, Door, TextPacket, bounded_threads
from web.realtime.fanout import Fanout
from web.realtime.server import RealtimeServer, emitter
from web.realtime.services import RealtimeServices
from web.realtime.vitals import Vitals


class FastJson:
    """The two functions that Socket.IO wants of a JSON library."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        """Return JSON text."""
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        """Return the value of JSON text.

        A browser also sends half of a character that was cut in two, escaped as JSON allows; the fast
        library takes none of it. It is let in here so that whoever sent it is answered
        (:func:`web.realtime.wire.check_storable`).

        Raises:
            ValueError: this is no JSON.
        """
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            try:
                return json.loads(text)
            except RecursionError:
                raise ValueError("nested too deeply") from None


class OneRequest(WSGIRequestHandler):
    """One request a connection, as a websocket is one.

    Under HTTP/1.1 Werkzeug waits for another request on a socket whose websocket has ended, so that
    whoever hangs up gets no end of file.
    """

    protocol_version = "HTTP/1.0"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing of requests."""


def build(settings: Settings) -> tuple[flask.Flask, RealtimeServer]:
    """Return the application of this process; nothing is served yet."""
    eventlet = settings.realtime_async_mode == "eventlet"
    blocking: Blocking = green.GreenBlocking() if eventlet else ThreadBlocking()
    app = flask.Flask("chancery.realtime", static_folder=None)
    socketio = SocketIO(
        app,
        async_mode="eventlet" if eventlet else "threading",
        transports=["websocket"],  # type: ignore[call-arg]
        cors_allowed_origins="*",  # the door checks Origin, against one name
        manage_session=False,
        json=FastJson,
        serializer=TextPacket,
        async_handlers=False,
        max_http_buffer_size=MAX_FRAME,
        ping_interval=25,
        ping_timeout=20,
    )
    transport: Any = socketio.server.eio  # type: ignore[attr-defined]
    websocket = green.bounded_websocket if eventlet else bounded_threads
    transport._async = {**transport._async, "websocket": websocket}  # no option sets it
    app.wsgi_app = Door(app.wsgi_app, settings.chat_url)  # type: ignore[method-assign]
    connections = Connections()
    emit = emitter(socketio)
    fanout = Fanout(connections, emit, blocking)
    chat = build_chat(settings, ProcessRole.REALTIME, delivery=fanout, blocking=blocking)
    services = RealtimeServices(chat, connections, fanout, emit)
    fanout.start(chat.store, chat.messaging.resync, chat.bus)
    services.listen()
    return app, RealtimeServer(services, app, socketio)


def _monitor_on_loop(settings: Settings, server: RealtimeServer) -> None:
    """Answer to monitoring on the loop itself: what it reads is counted there, without a lock."""
    blocking = server.services.blocking

    def bind(host: str, port: int, monitor: Monitor) -> Callable[[], None]:
        return partial(green.serve, green.Listener(green.listen(host, port)), monitor)

    serve_monitor(
        settings.monitor_realtime, server.readiness, bind=bind, spawn=blocking.spawn, sleep=blocking.sleep
    )


def main(settings: Settings, arguments: list[str]) -> int:
    """Serve until the process ends."""
    parser = argparse.ArgumentParser(prog="python -m web.realtime")
    parser.add_argument("--fd", type=int, help="listening socket handed down by the supervisor")
    options = parser.parse_args(arguments)
    if options.fd is not None:
        die_with_parent()
    configure_logs(ProcessRole.REALTIME, settings.log_format)
    tell_of_crashes()
    app, server = build(settings)
    vitals = Vitals(server.services)
    stop_listening: Callable[[], None]
    run: Callable[[], None]
    host, port = listen_address(settings.realtime_listen, settings.realtime_url)
    if settings.realtime_async_mode == "eventlet":
        sock = socket.socket(fileno=options.fd) if options.fd is not None else green.listen(host, port)
        listener = green.Listener(sock)
        server.services.blocking.spawn(server.run_beat)
        server.services.blocking.spawn(vitals.run)
        _monitor_on_loop(settings, server)
        green.settle()
        stop_listening, run = listener.close, partial(green.serve, listener, app)
    else:
        threading.Thread(target=server.run_beat, daemon=True).start()
        threading.Thread(target=vitals.run, daemon=True).start()
        serve_monitor(settings.monitor_realtime, server.readiness)
        threads = make_server(host, port, app, threaded=True, request_handler=OneRequest, fd=options.fd)
        stop_listening, run = threads.shutdown, threads.serve_forever

    def leave() -> None:
        # Under a supervisor there is nobody else to go to; what listens is handed to the next process.
        if options.fd is None:
            stop_listening()
            server.drain(settings.realtime_drain_seconds)
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.services.blocking.spawn(leave))
    run()
    # Nobody is let in any more; what ends this process is the end of the drain.
    while True:
        server.services.blocking.sleep(60)
