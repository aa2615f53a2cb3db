"""A screen without a monitor (Xvfb) that can be looked at: when something was painted on it, and which windows are open."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

SIZE: Final = (1280, 800)
_CLIENT_MESSAGE: Final = 33


def is_possible() -> bool:
    """Whether this machine has what a virtual screen needs."""
    return bool(shutil.which("Xvfb") and ctypes.util.find_library("X11"))


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib, padded to the size of XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("padding", ctypes.c_long * 12),
    )


class Screen:
    """One running virtual screen; ``display`` is its name for programs."""

    def __init__(self, display: str, pixels: mmap.mmap) -> None:
        self.display = display
        self._pixels = pixels
        # The file is an XWD dump: length of its head, ..., number of colours, all big-endian; colours of 12 bytes, then the pixels.
        head = struct.unpack_from(">20I", pixels, 0)
        self._first = head[0] + head[19] * 12
        self._x: Any = ctypes.CDLL(ctypes.util.find_library("X11"))
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XInternAtom.restype = self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        # Without a handler of ours, Xlib ends this process when a window goes away while it is looked at.
        self._handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda _display, _error: 0)
        self._x.XSetErrorHandler(self._handler)
        self._connection = ctypes.c_void_p(self._x.XOpenDisplay(display.encode()))

    def painted(self) -> float:
        """The part of the screen that is not black, 0 to 1."""
        seen = self._pixels[self._first : self._first + SIZE[0] * SIZE[1] * 4 : 4 * 997]
        return 1 - seen.count(0) / len(seen)

    def wait_painted(self, patience: float = 60) -> bool:
        """Wait until more than half of the screen is painted; False when that does not happen in so many seconds."""
        end = time.monotonic() + patience
        while self.painted() < 0.5:
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def windows(self) -> list[int]:
        """Windows that can be closed by their owner's leave."""
        root, parent, children, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self._x.XQueryTree(
            self._connection,
            ctypes.c_ulong(self._x.XDefaultRootWindow(self._connection)),
            *(ctypes.byref(one) for one in (root, parent, children, count)),
        )
        found = []
        for window in children[: count.value]:
            protocols, number = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_int()
            if self._x.XGetWMProtocols(self._connection, ctypes.c_ulong(window), ctypes.byref(protocols), ctypes.byref(number)):
                found.append(window)
        return found

    def close_windows(self) -> None:
        """Ask every window to close, as a click on its cross does."""
        atoms = [self._x.XInternAtom(self._connection, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
        for window in self.windows():
            event = _ClientMessage(_CLIENT_MESSAGE, 0, 1, self._connection, window, atoms[0], 32)
            event.data[0] = atoms[1]
            self._x.XSendEvent(self._connection, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(event))
        self._x.XFlush(self._connection)


@contextmanager
def virtual_screen() -> Iterator[Screen]:
    """A fresh black screen, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="screen-") as folder:
        readable, writable = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writable), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-br", "-fbdir", folder, "-nolisten", "tcp"],
            pass_fds=[writable],
            stderr=subprocess.DEVNULL,
        )
        os.close(writable)
        try:
            number = os.read(readable, 16).decode().strip()
            with Path(folder, "Xvfb_screen0").open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as pixels:
                yield Screen(f":{number}", pixels)
        finally:
            os.close(readable)
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(10)
