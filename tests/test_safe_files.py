"""Files that people rely on: whole or not there at all, and open to nobody who could not read them before."""

import errno
import os
import stat
from pathlib import Path

import pytest

from onsite.safe_files import half_written, is_half_written, write_whole

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and folders of Unix")


@pytest.fixture(params=[0o022, 0o077], ids=["022", "077"])
def umask(request: pytest.FixtureRequest):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_as_open_as_the_umask_allows(tmp_path, umask):
    write_whole(tmp_path / "a.json", b"{}")
    assert mode_of(tmp_path / "a.json") == 0o666 & ~umask


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_written_anew_keeps_its_mode(tmp_path, mode):
    path = tmp_path / "roster.csv"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_whole(path, b"new")
    assert (path.read_bytes(), mode_of(path)) == (b"new", mode)


@pytest.mark.usefixtures("umask")
def test_a_private_file_is_private_whatever_it_was(tmp_path):
    path = tmp_path / "names.json"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_whole(path, b"new", private=True)
    assert mode_of(path) == 0o600


@pytest.mark.parametrize("name", ["a.json", "b.jsonl", "grades.csv", "hash-1.from", "c.pdf", "d.zip", "e.log", "f.txt"])
def test_what_a_killed_command_leaves_is_found_again(tmp_path, monkeypatch, name):
    found = []
    monkeypatch.setattr("os.fsync", lambda _: found.extend([*half_written(tmp_path)] if not found else []))
    write_whole(tmp_path / name, b"new")
    (one,) = found
    assert one.parent == tmp_path
    assert is_half_written(one.name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert list(half_written(tmp_path)) == []


@pytest.mark.parametrize("name", [".answers.json", "answers.json", "a.json.k3ab_9xz", ".env.k3ab_9xz", ".a.json.bak"])
def test_what_is_somebodys_own_is_not_taken_for_half_written(name):
    assert not is_half_written(name)


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a.json").write_bytes(b"old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a.json", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"old")]


@pytest.mark.parametrize(("number", "sound"), [(errno.EINVAL, True), (errno.EIO, False)])
def test_a_drive_that_cannot_settle_a_folder_is_no_fault_and_a_broken_one_is(tmp_path, monkeypatch, number, sound):
    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", only_files)
    if sound:
        write_whole(tmp_path / "a.json", b"new")
    else:
        with pytest.raises(OSError, match=os.strerror(number)):
            write_whole(tmp_path / "a.json", b"new")
