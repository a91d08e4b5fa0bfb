"""Bundles are checked with file, line and path; their tests run; authors propose; officers replay."""

from pathlib import Path

import pytest

from policies.standard import pack_source
from tests.admin.cli.conftest import CommandLine


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.yaml"
    path.write_text(pack_source("first").replace("name: First policy", "name: Next policy"))
    return path


def test_a_good_bundle_is_well_formed_and_keeps_its_promises(chancery: CommandLine, bundle: Path) -> None:
    lint = chancery.run("policy", "lint", str(bundle))
    assert lint.exit_code == 0, lint.output
    assert "Next policy: well-formed. Hash " in lint.output
    tests = chancery.run("policy", "test", str(bundle))
    assert tests.exit_code == 0, tests.output
    assert "tests passed." in tests.output


def test_a_broken_bundle_is_refused_with_file_line_and_path(chancery: CommandLine, bundle: Path) -> None:
    text = bundle.read_text().replace("  direct: 2557", "  direct: soon\n  forever: 3", 1)
    bundle.write_text(text)
    line = text.splitlines().index("  direct: soon") + 1
    for command in ("lint", "test"):
        result = chancery.run("policy", command, str(bundle))
        assert result.exit_code == 1
        assert "[bad_bundle]" in result.stderr
        assert f"{bundle}:{line}: retention.direct:" in result.stderr
        assert f"{bundle}:{line + 1}: retention.forever:" in result.stderr
    assert "bad_bundle" in chancery.run_as("paul", "policy", "propose", str(bundle), "--reason", "x").stderr


def test_a_bundle_that_fails_its_own_tests_says_which(chancery: CommandLine, bundle: Path) -> None:
    text = bundle.read_text()
    assert "expect: {verdict: redact" in text
    bundle.write_text(text.replace("expect: {verdict: redact", "expect: {verdict: warn", 1))
    result = chancery.run("policy", "test", str(bundle))
    assert result.exit_code == 1
    assert "FAILED" in result.output


def test_a_missing_file_is_a_readable_error(chancery: CommandLine, tmp_path: Path) -> None:
    result = chancery.run("policy", "lint", str(tmp_path / "absent.yaml"))
    assert result.exit_code == 1
    assert "Cannot be read" in result.stderr


def test_an_author_proposes_and_the_desk_sees_it(chancery: CommandLine, bundle: Path) -> None:
    result = chancery.run_as("paul", "policy", "propose", str(bundle), "--reason", "a better name")
    assert result.exit_code == 0, result.output
    chancery.house.mirror.run()
    proposals = chancery.house.services.approvals.proposals()
    assert [(one.author, one.reason) for one in proposals] == [
        (chancery.house.people["paul"], "a better name")
    ]
    denied = chancery.run_as("ida", "policy", "propose", str(bundle), "--reason", "x")
    assert "[denied]" in denied.stderr


def test_a_replay_of_the_archive_decides_everything_the_same(chancery: CommandLine) -> None:
    result = chancery.run_as("olga", "policy", "replay")
    assert result.exit_code == 0, result.output
    counts = {line.split()[0]: int(line.split()[1]) for line in result.output.splitlines()}
    assert counts.pop("same") >= 3
    assert set(counts.values()) == {0}
    assert "heron" not in result.output
    refused = chancery.run_as("olga", "policy", "replay", "--from", "March")
    assert "write YYYY-MM" in refused.stderr
