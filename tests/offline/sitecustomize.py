"""Refuses every use of the network in the process that imports it, and writes the attempt down.

Python imports a module of this name by itself at start when its folder is on PYTHONPATH: that is how programs and worker
processes started by a test are watched too.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

ATTEMPTS = "INSPECTOR_TESTS_NETWORK_ATTEMPTS"
"""Environment variable with the path of the file that attempts are appended to."""

NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
"""Audit events that ask somebody else for a name."""

PROGRAMS = frozenset({"webbrowser.open", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect"})
"""Audit events of library calls that reach out, told apart for a clearer message than the socket below them."""

TRAFFIC = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})

LOCAL = frozenset(getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK") if hasattr(socket, name))
"""Families that stay on this machine; multiprocessing uses them."""


def attempts() -> str:
    """What this process and those it started tried since the last call, a line each; empty when nothing."""
    place = Path(os.environ[ATTEMPTS])
    if not place.exists():
        return ""
    text = place.read_text(encoding="utf-8")
    place.unlink()
    return text


class NetworkUsedError(RuntimeError):
    """The program tried to use the network.

    In a test process that was itself started by one, this module is loaded twice, by Python and by the tests: tell it by its words.
    """


def is_network(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether an audit event is a use of the network. On Windows loopback is allowed: socketpair is made of it there."""
    if event in NAMES or event in PROGRAMS:
        return True
    if event == "socket.__new__":
        return sys.platform != "win32" and arguments[1] not in LOCAL
    if event in TRAFFIC:
        family = getattr(arguments[0], "family", None)
        address = arguments[1]
        loopback = isinstance(address, tuple) and address[:1] in {("127.0.0.1",), ("::1",)}
        return family not in LOCAL and not (sys.platform == "win32" and loopback)
    return False


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: write the attempt down, then raise NetworkUsedError where it happens."""
    if not is_network(event, arguments):
        return
    place = os.environ.get(ATTEMPTS)
    if place:
        with Path(place).open("a", encoding="utf-8") as log:
            log.write(f"process {os.getpid()}: {event} {arguments[1:]!r}\n")
    raise NetworkUsedError(f"no network here: {event} {arguments[1:]!r}")


sys.addaudithook(refuse)
