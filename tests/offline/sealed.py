"""Runs a command where there is no network: a namespace without interfaces, and a kernel filter that ends whatever opens an internet socket.

    python3 tests/offline/sealed.py [--namespace-only] COMMAND [ARGUMENT ...]

The audit hook beside this file sees Python; the kernel sees native code too: Qt, polars, lxml, the readers. Linux only, no root needed
where the system lets users make namespaces. Exit code 77 with the reason where it does not.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FORBIDDEN: Final = 77
"""Exit code where this system lets nobody seal a process; what automake takes for a skipped test."""

CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
RET_KILL_PROCESS: Final = 0x80000000
RET_ALLOW: Final = 0x7FFF0000
AF_UNIX: Final = 1
AF_NETLINK: Final = 16

MACHINES: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""The kernel's name for each architecture (linux/audit.h) and its number of the call ``socket``."""

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
"""Instructions of the filter (linux/bpf_common.h): BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K."""


class ForbiddenError(Exception):
    """The kernel does not allow it; the message says what."""


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def leave_networks() -> None:
    """Move this process into a network namespace of its own, in which there is nothing, not even a loopback that is up."""
    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWUSER | CLONE_NEWNET
    if _library().unshare(flags):
        raise ForbiddenError(f"no network namespace of its own: {os.strerror(ctypes.get_errno())}")
    if flags & CLONE_NEWUSER:  # the same user as before, who then has no right over the machine
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def forbid_sockets() -> None:
    """Have the kernel end this process, and all it starts, at a socket that is neither local (AF_UNIX) nor the kernel's own (AF_NETLINK)."""
    if platform.machine() not in MACHINES:
        raise ForbiddenError(f"no filter for {platform.machine()}")
    machine, call = MACHINES[platform.machine()]
    # struct seccomp_data: number of the call at 0, architecture at 4, low half of the first argument at 16
    program = [
        (LOAD, 0, 0, 4),
        (EQUAL, 0, 6, machine),  # another architecture's calls are not known here: ended
        (LOAD, 0, 0, 0),
        (EQUAL, 0, 3, call),
        (LOAD, 0, 0, 16),
        (EQUAL, 1, 0, AF_UNIX),
        (EQUAL, 0, 1, AF_NETLINK),
        (RETURN, 0, 0, RET_ALLOW),
        (RETURN, 0, 0, RET_KILL_PROCESS),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *one) for one in program))
    described = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    library = _library()
    if library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or library.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described, 0, 0):
        raise ForbiddenError(f"no filter of system calls: {os.strerror(ctypes.get_errno())}")


def main(arguments: Sequence[str]) -> int:
    """Seal this process and become the command."""
    namespace_only = arguments[:1] == ["--namespace-only"]
    command = arguments[1:] if namespace_only else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.platform != "linux":
        print("cannot be sealed: only Linux has network namespaces", file=sys.stderr)
        return FORBIDDEN
    try:
        leave_networks()
        if not namespace_only:
            forbid_sockets()
    except (ForbiddenError, OSError) as error:
        print(f"cannot be sealed: {error}", file=sys.stderr)
        return FORBIDDEN
    _become(command)
    return FORBIDDEN


def _become(command: Sequence[str]) -> None:
    """Put the command in this process's place; returns only where there is no such command."""
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        print(f"{command[0]} cannot be started: {error.strerror}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
