"""``compose.yaml``: it follows the specification, and names commands, users, settings, ports and files that exist."""

import hashlib
import json
import re
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft7Validator

from admin import answers
from admin.cli import main
from admin.processes import listen_address
from admin.system_users import SystemUsers
from core.crypto.rings import ProcessRole
from core.settings import Settings, load_settings

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "admin" / "deploy"
SCHEMA = Path(__file__).parent / "schema"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "chancery"}
ROLES = {name: service for name, service in OURS.items() if name != "set-up"}


def test_it_follows_the_specification() -> None:
    octets = (SCHEMA / "compose-spec.json").read_bytes()
    assert hashlib.sha256(octets).hexdigest() in (SCHEMA / "README.md").read_text()
    assert list(Draft7Validator(json.loads(octets)).iter_errors(COMPOSE)) == []


def test_two_of_realtime_and_pages_and_one_of_each_other_role_run() -> None:
    roles = [service["command"][1] for service in ROLES.values()]
    assert sorted(roles) == ["desk", "pages", "pages", "realtime", "realtime", "worker"]


@pytest.mark.parametrize("service", ROLES.values(), ids=ROLES)
def test_a_role_is_run_by_its_command_as_its_user_and_can_do_no_more(service: dict[str, Any]) -> None:
    command, role = service["command"]
    assert command in main.list_commands(None)  # type: ignore[arg-type]
    assert service["user"] == SystemUsers("chancery").user(ProcessRole(role))
    assert (service["cap_drop"], service["read_only"]) == (["ALL"], True)
    assert service["healthcheck"]["test"]


@pytest.mark.parametrize("service", OURS.values(), ids=OURS)
def test_all_that_is_set_are_settings_that_hold(service: dict[str, Any], tmp_path: Path) -> None:
    assert settings_of(service, tmp_path).bus_url


def test_nginx_knows_the_processes_by_the_ports_at_which_they_listen(tmp_path: Path) -> None:
    behind = (DEPLOY / "compose" / "chancery-upstreams.conf").read_text()
    shipped = (DEPLOY / "nginx" / "chancery-upstreams.conf").read_text()
    upstreams = r"upstream (\w+) {([^}]*)}"
    assert [name for name, _ in re.findall(upstreams, behind)] == [
        name for name, _ in re.findall(upstreams, shipped)
    ]
    named = set()
    for upstream, servers in re.findall(upstreams, behind):
        for host, port in re.findall(r"server ([\w-]+):(\d+)", servers):
            service = ROLES[host]
            settings, role = settings_of(service, tmp_path), service["command"][1]
            listen = {
                "realtime": settings.realtime_listen, "pages": settings.chat_listen, "desk": settings.desk_listen
            }[role]  # fmt: skip
            assert upstream == f"chancery_{role}"
            assert listen_address(listen, "")[1] == int(port)
            assert f"127.0.0.1:{port}" in service["healthcheck"]["test"]
            assert set(service["networks"]) & set(SERVICES["nginx"]["networks"])
            named.add(host)
    assert named == set(ROLES) - {"worker"} == set(SERVICES["nginx"]["depends_on"])


def test_host_names_are_those_of_the_settings_and_of_the_certificates(tmp_path: Path) -> None:
    settings = settings_of(SERVICES["desk"], tmp_path)
    conf = (DEPLOY / "nginx" / "chancery.conf").read_text()
    secrets = (DEPLOY / "compose" / "make-secrets").read_text()
    names = [urlsplit(url).hostname for url in (settings.chat_url, settings.desk_url)]
    assert re.findall(r"server_name (\S+);", conf) == names
    for name, certificate in zip(names, ("chat", "desk"), strict=True):
        assert f"{certificate}:{name}" in secrets
        assert f"/etc/chancery/tls/{certificate}.pem" in conf
    assert settings.trusted_proxies == 1


def test_secrets_are_files_and_each_is_given_to_whoever_needs_it_alone() -> None:
    for service in SERVICES.values():
        environment = service.get("environment", {})
        assert not [name for name in environment if "PASSWORD" in name and not name.endswith("_FILE")]
        for name, value in environment.items():
            if name.endswith("_PASSWORD_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    holders = {name: set(service.get("secrets", ())) for name, service in OURS.items()}
    assert holders["desk"] == holders["realtime-1"] == holders["realtime-2"] == set()
    assert [name for name, held in holders.items() if "postgres-admin" in held] == ["set-up"]


def test_who_has_no_business_with_a_server_is_not_on_its_network() -> None:
    index = {name for name, service in SERVICES.items() if "index" in service["networks"]}
    assert index == {"elasticsearch", "worker", "desk", "pages-1", "pages-2", "set-up"}
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"nginx"}
    assert all(COMPOSE["networks"][name]["internal"] for name in ("stores", "bus", "index", "directory"))


def test_every_file_that_is_handed_in_is_there_or_made_by_the_one_command(made: Path) -> None:
    sources = [
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if volume.startswith(".")
    ]
    sources += [secret["file"] for secret in COMPOSE["secrets"].values()]
    assert len(sources) > 8
    for source in sources:
        assert (ROOT / source).exists() or (made / source).exists(), source
    context = ssl.create_default_context(cafile=made / "var/compose/tls/ca.pem")
    assert context.cert_store_stats()["x509_ca"] == 1
    for name in ("chat", "desk", "ldap"):
        files = (made / f"var/compose/tls/{name}.pem", made / f"var/compose/tls/{name}.key")
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)


def test_making_secrets_again_changes_none(made: Path) -> None:
    before = {path: path.read_bytes() for path in (made / "var").rglob("*") if path.is_file()}
    make_secrets(made)
    assert before == {path: path.read_bytes() for path in (made / "var").rglob("*") if path.is_file()}


@pytest.mark.parametrize(("status", "ends_with"), [(200, 0), (421, 1)])
def test_whoever_watches_a_container_learns_whether_it_answers_under_its_name(
    status: int, ends_with: int
) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host']}{self.path}")
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the output of tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        assert answers.main([address, "chat.acme.example"]) == ends_with
        server.shutdown()
    assert asked == ["chat.acme.example/healthz"]
    assert answers.main([address, "chat.acme.example"]) == 1


def settings_of(service: dict[str, Any], folder: Path) -> Settings:
    """Return the settings of a container, with something in place of each secret."""
    secret = folder / "secret"
    secret.write_text("something")
    environment = {
        name: str(secret) if name.endswith("_FILE") and value.startswith("/run/secrets/") else value
        for name, value in service["environment"].items()
    }
    return load_settings(environment)


def make_secrets(folder: Path) -> None:
    subprocess.run([folder / "admin/deploy/compose/make-secrets"], check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the one command was run."""
    folder = tmp_path_factory.mktemp("top")
    shutil.copytree(DEPLOY / "compose", folder / "admin" / "deploy" / "compose")
    make_secrets(folder)
    return folder
