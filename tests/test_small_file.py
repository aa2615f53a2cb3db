"""Files that somebody named are read whole, or refused at once: no device, no pipe that nobody fills, nothing without end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.diagnosis.dictionary import RuleError, load
from inspector.resources import resource_path
from inspector.small_file import TooLargeError, read_small
from inspector.tokens.supplied import SuppliedError, trust_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX")

MAKES: dict[str, Callable[[Path], Path]] = {
    "a device without end": lambda _: Path("/dev/zero"),
    "a pipe that nobody fills": lambda folder: folder / "pipe",
    "a link to a device": lambda folder: folder / "link",
    "a folder": lambda folder: folder,
}


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\r\n\x1a" * 10)
    assert read_small(path, 30) == b"\r\n\x1a" * 10
    with pytest.raises(TooLargeError, match="larger than 0 kB"):
        read_small(path, 29)


@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES)
def test_what_is_no_file_is_refused_at_once(make: Callable[[Path], Path], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    path = make(tmp_path)
    with pytest.raises(RuleError, match=r"cannot be read: (it is no regular file|Is a directory)"):
        load(resource_path("dictionary"), [path])
    for name in ("trust", "revoked", "secrets", "passwords"):
        with pytest.raises(SuppliedError, match=r"cannot be read \((it is no regular file|Is a directory)\)"):
            trust_of(**{name: [path]})  # type: ignore[arg-type]


def test_what_a_shell_hands_over_is_read() -> None:
    code = "import os, sys; from pathlib import Path; from inspector.small_file import read_small; print(read_small(Path('/dev/fd/0'), 99))"
    done = subprocess.run([sys.executable, "-c", code], input="late", capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "b'late'", done.stderr
