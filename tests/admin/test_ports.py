"""Nothing begins where somebody else listens: the error names the port and the setting that chooses another."""

import socket
from collections.abc import Iterator

import pytest

from admin.ports import check_ports
from core.crypto.rings import ProcessRole
from core.errors import Conflict
from core.settings import Settings, load_settings
from tests.services.debian import free_ports


def test_a_port_that_is_taken_is_named_with_the_address_that_chooses_another(taken: int) -> None:
    with pytest.raises(Conflict) as refused:
        check_ports(settings(chat_url=f"http://127.0.0.1:{taken}"))
    assert (refused.value.code, refused.value.params["port"]) == ("port_taken", taken)
    assert "CHANCERY_CHAT_URL=http://127.0.0.1:PORT" in refused.value.message


def test_where_a_process_listens_elsewhere_that_is_what_to_choose(taken: int) -> None:
    with pytest.raises(Conflict) as refused:
        check_ports(settings(realtime_listen=f"127.0.0.1:{taken}"), {ProcessRole.REALTIME})
    assert "CHANCERY_REALTIME_LISTEN=127.0.0.1:PORT" in refused.value.message


def test_one_role_looks_at_its_own_port_alone(taken: int) -> None:
    check_ports(settings(chat_url=f"http://127.0.0.1:{taken}"), {ProcessRole.REALTIME, ProcessRole.WORKER})


def settings(**chosen: str) -> Settings:
    ports = zip(("chat_url", "realtime_url", "desk_url"), free_ports(3), strict=True)
    made = {name: f"http://{'localhost' if 'desk' in name else '127.0.0.1'}:{port}" for name, port in ports}
    return load_settings({f"CHANCERY_{name.upper()}": value for name, value in {**made, **chosen}.items()})


@pytest.fixture
def taken() -> Iterator[int]:
    """A port where another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])
