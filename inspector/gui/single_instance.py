"""One window for several starts: a second start hands its paths to the first through a Unix socket or a named pipe of this machine."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Final

MOST_BYTES: Final = 1 << 20
"""Longest message that is read; a list of paths is far shorter."""
HEAD: Final = b"open\0"
"""What a message begins with; the paths follow, a zero byte between them."""
ANSWER: Final = b"taken"
PATIENCE: Final = 2.0
"""Seconds to wait for the running window's answer before opening an own one."""


def address() -> str | None:
    """Where the running window of this user listens; None where no private place for it can be had."""
    if sys.platform == "win32":
        who = hashlib.sha256(f"{getpass.getuser()}@{os.environ.get('SESSIONNAME', '')}".encode()).hexdigest()[:16]
        return rf"\\.\pipe\token-log-inspector-{who}"
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "token-log-inspector" if base else Path(tempfile.gettempdir()) / f"token-log-inspector-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat(follow_symlinks=False)
    except OSError:
        return None
    # Somebody else may have made a folder of that name in the common place for temporary files.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return None
    return str(folder / "window")


def hand_over(paths: Sequence[Path], where: str) -> bool:
    """Give paths to the window that listens at an address; whether one took them."""
    try:
        with Client(where) as connection:
            connection.send_bytes(_message(paths))
            return bool(connection.poll(PATIENCE)) and connection.recv_bytes(64) == ANSWER
    except (OSError, EOFError):
        return False


class Doorkeeper:
    """Listens for later starts on a thread of its own; ``received`` is called there."""

    def __init__(self, where: str, received: Callable[[list[Path]], None]) -> None:
        """Raises OSError when the address cannot be had."""
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                Path(where).unlink()  # left behind by a start that was ended by force: nobody answered there
        self._where = where
        self._received = received
        self._listener = Listener(where)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="doorkeeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        # Waiting for a connection is ended by one.
        hand_over((), self._where)
        self._thread.join(PATIENCE)
        with contextlib.suppress(OSError):
            self._listener.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                connection = self._listener.accept()
            except (OSError, EOFError):
                if self._closed.is_set():
                    return
                continue
            with connection:
                self._take(connection)

    def _take(self, connection: Connection[Any, Any]) -> None:
        try:
            if not connection.poll(PATIENCE):
                return
            message = connection.recv_bytes(MOST_BYTES)
            if not message.startswith(HEAD):
                return
            connection.send_bytes(ANSWER)
        except (OSError, EOFError):
            return
        if not self._closed.is_set():
            self._received([Path(os.fsdecode(each)) for each in message.removeprefix(HEAD).split(b"\0") if each])


def _message(paths: Sequence[Path]) -> bytes:
    return HEAD + b"\0".join(os.fsencode(each.absolute()) for each in paths)
