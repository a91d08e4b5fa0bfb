"""A real nginx for tests: Debian's, with the shipped configuration on free ports and certificates of a test CA."""

import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.services.debian import install
from tests.services.missing import cannot_be_had

SHIPPED = Path(__file__).parents[2] / "admin" / "deploy" / "nginx"
CHAT, DESK = "chat.acme.example", "desk.acme.example"

_MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/log/error.log;
events {{ worker_connections 256; }}
http {{
    {temporary}
    include {folder}/conf.d/*.conf;
}}
"""


@dataclass
class Nginx:
    """The shipped configuration in a folder, on ports of its own."""

    folder: Path
    port: int
    ca_file: str
    process: "subprocess.Popen[bytes] | None" = None

    def check(self) -> "subprocess.CompletedProcess[str]":
        """Let nginx itself say whether the configuration holds."""
        return subprocess.run(self._command("-t"), check=False, capture_output=True, text=True)

    def start(self) -> None:
        """Serve."""
        self.process = subprocess.Popen(self._command())

    def answers(self) -> bool:
        """Tell whether it listens."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2):
            return True
        return False

    def reload(self) -> None:
        """Take the configuration up anew, as `nginx -s reload` does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Stop."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    def take_out(self, port: int) -> None:
        """Write `down` behind an instance, as the handbook says."""
        file = self.folder / "conf.d" / "chancery-upstreams.conf"
        file.write_text(re.sub(rf"(127\.0\.0\.1:{port}\b[^;]*);", r"\1 down;", file.read_text()))

    def log(self) -> str:
        """Return all that it wrote."""
        return "".join(path.read_text() for path in sorted((self.folder / "log").iterdir()))

    def _command(self, *options: str) -> list[str]:
        return [str(shutil.which("nginx")), "-p", str(self.folder), "-c", "nginx.conf", *options]


def prepare_nginx(
    folder: Path, ports: tuple[int, int], upstreams: Mapping[str, Sequence[int]] | None = None
) -> Nginx:
    """Put the shipped configuration into ``folder``; ports, paths and instances are all that is changed."""
    if shutil.which("nginx") is None:
        install("nginx-light")
    if shutil.which("nginx") is None:
        cannot_be_had("nginx is not installed: run `apt-get install nginx-light` as root.")
    for name in ("conf.d", "log", "tls", "tmp"):
        (folder / name).mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name, host in (("chat", CHAT), ("desk", DESK)):
        issued = authority.issue_cert(host)
        issued.cert_chain_pems[0].write_to_path(str(folder / "tls" / f"{name}.pem"))
        issued.private_key_pem.write_to_path(str(folder / "tls" / f"{name}.key"))
    text = (SHIPPED / "chancery.conf").read_text()
    for shipped, here in (
        ("listen 443 ", f"listen 127.0.0.1:{ports[0]} "),
        ("listen 80 ", f"listen 127.0.0.1:{ports[1]} "),
        ("/etc/chancery/tls", f"{folder}/tls"),
        ("/var/log/nginx", f"{folder}/log"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "conf.d" / "chancery.conf").write_text(text)
    behind = (SHIPPED / "chancery-upstreams.conf").read_text()
    for name, instances in (upstreams or {}).items():
        servers = "".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n" for port in instances)
        behind, count = re.subn(
            rf"(upstream chancery_{name} {{\n(?:    least_conn;\n)?)(?:    server .*\n)+",
            rf"\g<1>{servers}",
            behind,
        )
        assert count == 1
    (folder / "conf.d" / "chancery-upstreams.conf").write_text(behind)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n    ".join(f"{kind}_temp_path {folder}/tmp/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, temporary=temporary))
    return Nginx(folder, ports[0], str(folder / "ca.pem"))
