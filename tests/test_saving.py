"""A saved file appears whole or not at all, and leaves nothing beside it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from inspector.saving import ABANDONED, writing_text


def test_text_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    with writing_text(target) as out:
        out.write("grüße\r\n")
        assert not target.exists()
    assert target.read_bytes() == "grüße\r\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_failure_keeps_the_older_file(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("older")
    with pytest.raises(UnicodeEncodeError), writing_text(target) as out:
        out.write("half \ud800")
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]


def test_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"), writing_text(tmp_path / "nowhere" / "x") as out:
        out.write("")


def test_what_a_crash_left_behind_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    abandoned, fresh, foreign = (tmp_path / name for name in (".report.html.aaaa.part", ".report.html.bbbb.part", ".other.html.cccc.part"))
    for path in (abandoned, fresh, foreign):
        path.write_text("half")
    for path in (abandoned, foreign):
        os.utime(path, (time.time() - ABANDONED - 60,) * 2)
    with writing_text(target) as out:
        out.write("whole")
    assert sorted(tmp_path.iterdir()) == sorted([target, fresh, foreign])


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
def test_no_device_pipe_or_folder_is_replaced(tmp_path: Path) -> None:
    """Root may replace /dev/null, and who asks for it means something else."""
    pipe, link, folder = tmp_path / "pipe", tmp_path / "link", tmp_path / "folder"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")
    folder.mkdir()
    before = sorted(tmp_path.iterdir())
    for path in (pipe, link, folder, Path("/dev/null"), Path("/dev/stdout"), Path("/dev/nothing-of-this-name")):
        with pytest.raises(OSError, match="a device, a pipe or a folder stands there"), writing_text(path) as out:
            out.write("x")
    assert sorted(tmp_path.iterdir()) == before
    assert link.is_symlink()
    assert Path("/dev/null").is_char_device()
