"""Whether the processes that listen answer, and whether they can do their work."""

import http.client
import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from admin.health.lines import HealthLine, ok, red, warning
from admin.health.readiness import REASONS
from admin.health.told import START
from admin.processes import listen_address
from core.crypto.rings import ProcessRole
from core.settings import Settings

ANSWER_WITHIN: Final = 2.0


def process_lines(settings: Settings) -> Iterator[HealthLine]:
    """Yield how each process that listens on this machine is."""
    for role, listen, url in (
        (ProcessRole.PAGES, settings.chat_listen, settings.chat_url),
        (ProcessRole.REALTIME, settings.realtime_listen, settings.realtime_url),
        (ProcessRole.DESK, settings.desk_listen, settings.desk_url),
    ):
        yield _listening(role, listen, url)


def _listening(role: ProcessRole, listen: str, url: str) -> HealthLine:
    host, port = listen_address(listen, url)
    where = f"{host}:{port}"
    connection = http.client.HTTPConnection(
        "127.0.0.1" if host == "localhost" else host, port, timeout=ANSWER_WITHIN
    )
    try:
        connection.request("GET", "/readyz", headers={"Host": urlsplit(url).netloc})
        answer = connection.getresponse()
        status, said = answer.status, answer.read(4096)
    except OSError:
        return red(role, f"Does not answer at {where}.", START)
    except http.client.HTTPException:
        step = f"See which program listens there: `ss -ltnp sport = :{port}`."
        return red(role, f"What answers at {where} is no {role}.", step)
    finally:
        connection.close()
    reason = _reason(said)
    if status == http.HTTPStatus.OK:
        return ok(role, f"Answers at {where}, and is ready.")
    if reason == "draining":
        return warning(role, f"Answers at {where}, and is {REASONS[reason].says}", REASONS[reason].next_step)
    if reason in REASONS:
        return red(role, f"Answers at {where}, but {REASONS[reason].says}", REASONS[reason].next_step)
    step = f"See which program listens there: `ss -ltnp sport = :{port}`; look at the log of {role}."
    return red(role, f"Answers {status} at {where}.", step)


def _reason(said: bytes) -> str:
    try:
        return str(json.loads(said)["reason"])
    except (ValueError, KeyError, TypeError):
        return ""
