"""Files are there whole or not at all, and nobody's link is followed."""

from pathlib import Path

import pytest

from core.files import write_whole


def test_what_was_there_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    for content in (b"a long first one", b"second"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_in_its_place_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    secret = tmp_path / "root.key"
    secret.write_bytes(b"secret")
    path = tmp_path / "status.json"
    path.symlink_to(secret)
    write_whole(path, b"all is well", durable=True)
    assert secret.read_bytes() == b"secret"
    assert not path.is_symlink()


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_whole(tmp_path / "taken", b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
