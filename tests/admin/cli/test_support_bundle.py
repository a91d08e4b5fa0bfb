"""A support bundle tells how the suite is, and holds no secret and nothing that people wrote or are called."""

import base64
import json
import stat
import zipfile
from pathlib import Path

import pytest

from admin.health.bundle import masked
from tests.admin.cli.conftest import CommandLine
from tests.factories.desk import PASSWORD

BIND = "bindcanary7"
API_KEY = "apicanary7"
LOG = """\
timestamp=2026-11-02T09:00:00Z level=info role=worker event="chore failed" chore=archive
From: mallory@evil.example said the quokkacanary thing
{"timestamp":"2026-11-02T09:00:01Z","level":"error","role":"pages","event":"x","at":"nora.canary@firm.example"}
"""


@pytest.mark.timeout(180)
def test_no_canary_is_in_a_support_bundle(own: CommandLine, tmp_path: Path) -> None:
    house = own.house
    house.add("quentincanary", "it")
    room = house.group("ana", "quentincanary", "ben")
    house.send(room, "ana", "the capybaracanary plan")
    house.channel("wombatcanary room", "ana", "ben")
    house.work()
    settings = house.settings.home / "chancery.toml"
    settings.write_text(
        f'ldap.bind_dn = "cn=noracanary,dc=x"\nldap.bind_password = "{BIND}"\n'
        f'elasticsearch.api_key = "{API_KEY}"\n'
        'elasticsearch.urls = ["https://elasticuser:urlcanary7@es1.acme.example:9200"]\n'
        'ldap.base = "dc=x"\n' + settings.read_text()
    )
    log = tmp_path / "serve.log"
    log.write_text(LOG)
    bundle = tmp_path / "support.zip"
    result = own.run("support-bundle", str(bundle), "--log", str(log))
    assert result.exit_code == 0, result.output

    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    with zipfile.ZipFile(bundle) as found:
        content = {name: found.read(name) for name in found.namelist()}
    whole = b"\n".join([*content.values(), *map(str.encode, content)])
    people = ("quentincanary", "Quentincanary", "noracanary", "nora.canary", "elasticuser")
    said = ("capybaracanary", "wombatcanary", "heron", "quokkacanary", "4111")
    for text in (PASSWORD, BIND, API_KEY, "urlcanary7", *people, *said):
        assert text.encode() not in whole, text
    for key in house.settings.keys_dir.rglob("*.key"):
        secret = key.read_bytes()
        for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert form not in whole, key

    assert {"versions.json", "settings.json", "doctor.json", "databases.json", "sizes.json"} <= content.keys()
    told = json.loads(content["settings.json"])
    assert told["ldap.bind_password"] == told["elasticsearch.api_key"] == "<set>"
    assert told["tenant"] == "firm"
    assert json.loads(content["databases.json"])["chat"]["rows"]["people"] > 1
    assert "1 lines of other programs" in content["logs/1.log"].decode()
    assert b"chore=archive" in content["logs/1.log"]


def test_a_file_that_is_there_is_never_overwritten(chancery: CommandLine, tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_text("mine")
    result = chancery.run("support-bundle", str(there))
    assert result.exit_code == 1
    assert "file_exists" in result.output
    assert there.read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:p@db1/?sslmode=x", "postgresql://<masked>@db1/?sslmode=x"),
        ("host=db1 password=hush port=5432", "host=db1 password=<masked> port=5432"),
        ("host=db1 password='hu sh' port=1", "host=db1 password=<masked> port=1"),
        ("ask anna.b@acme.example", "ask <address>"),
        ("https://chat.acme.example", "https://chat.acme.example"),
    ],
)
def test_passwords_in_addresses_and_addresses_of_people_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
