"""Folders for what is written on the way, whatever became of who made them."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.adapters import scratch
from pipelines.settings import ROOT

# Makes a folder, writes into it, and stays.
HOLD = """
import sys, time
from pathlib import Path
from pipelines.adapters import scratch
with scratch.folder(Path(sys.argv[1]), "samples") as folder:
    (folder / "row").write_text("C00000042")
    time.sleep(600)
"""


def holders(within: Path, count: int) -> list[subprocess.Popen[bytes]]:
    """Start processes that hold a folder each, and wait until they do."""
    found = [subprocess.Popen([sys.executable, "-c", HOLD, within], cwd=ROOT) for _ in range(count)]
    while len(rows(within)) < count:
        time.sleep(0.05)

    return found


def rows(within: Path) -> list[Path]:
    """Return what the processes wrote."""
    return sorted(within.glob(".samples-*/row"))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process as a power cut would."""
    process.kill()
    process.wait()


def names(within: Path) -> list[str]:
    """Return everything there is but the lock of the kind, which stays."""
    return sorted(path.name for path in within.iterdir() if path.name != ".samples.lock")


def test_it_is_empty_private_and_gone_afterwards(tmp_path: Path) -> None:
    """With all that was written, and so is the folder around it made for its owner alone."""
    within = tmp_path / "home" / "drift"
    with scratch.folder(within, "samples") as folder:
        assert [] == [*folder.iterdir()]
        assert [0o700, 0o700] == [stat.S_IMODE(path.stat().st_mode) for path in (within, folder)]
        (folder / "deep").mkdir()
        (folder / "deep" / "row").touch()

    assert [] == names(within)


def test_it_is_gone_after_an_error_and_may_be_moved_away(tmp_path: Path) -> None:
    """Whatever happens in the block; what was moved away stays."""
    with pytest.raises(KeyError), scratch.folder(tmp_path, "samples"):
        raise KeyError
    with scratch.folder(tmp_path, "samples") as folder:
        folder.rename(tmp_path / "kept")

    assert ["kept"] == names(tmp_path)


def test_what_killed_processes_left_is_removed_and_what_live_ones_hold_stays(
    tmp_path: Path,
) -> None:
    """By the next of the kind; the processes are real, and so is `kill -9`."""
    first, second, third = holders(tmp_path, 3)
    end(first)
    end(second)
    assert 3 == len(rows(tmp_path))

    with scratch.folder(tmp_path, "samples"):
        assert 1 == len(rows(tmp_path))
    assert third.poll() is None
    end(third)
    with scratch.folder(tmp_path, "samples"):
        assert [] == rows(tmp_path)
    assert [] == names(tmp_path)


def test_of_another_kind_and_of_other_people_nothing_is_removed(tmp_path: Path) -> None:
    """Only what has the name of a folder of ours."""
    (left,) = holders(tmp_path, 1)
    end(left)
    others = [".samples-", ".samples-x", "samples-0123456789abcdef", ".other-0123456789abcdef"]
    for name in others:
        (tmp_path / name).mkdir()
    with scratch.folder(tmp_path, "other"):
        assert 1 == len(rows(tmp_path))
    (tmp_path / ".other.lock").unlink()
    (tmp_path / others[-1]).mkdir()
    with scratch.folder(tmp_path, "samples"):
        pass

    assert sorted(others) == names(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """In a folder that was left, and in the place of one; what they lead to stays."""
    outside, within = tmp_path / "outside", tmp_path / "within"
    outside.mkdir()
    (outside / "precious").touch()
    (left,) = holders(within, 1)
    end(left)
    (rows(within)[0].parent / "link").symlink_to(outside)
    (within / ".samples-0123456789abcdef").symlink_to(outside)
    with scratch.folder(within, "samples"):
        pass

    assert [outside / "precious"] == [*outside.iterdir()]
    assert [] == rows(within)


def test_many_at_once_keep_their_own(tmp_path: Path) -> None:
    """Each sweeps before it begins, and none sweeps away another that has just begun."""
    found = holders(tmp_path, 8)

    assert 8 == len({path.parent for path in rows(tmp_path)})
    assert [None] * 8 == [process.poll() for process in found]
    for process in found:
        end(process)
