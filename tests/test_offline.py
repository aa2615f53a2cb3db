"""The guard that keeps every test off the network can be trusted: it sees what it should and nothing else."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable

import pytest

from tests.offline.sitecustomize import attempts as network_attempts

REACHES_OUT: dict[str, Callable[[], object]] = {
    "connect": lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.01),
    "loopback": lambda: socket.create_connection(("127.0.0.1", 9), timeout=0.01),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "version 6": lambda: socket.socket(socket.AF_INET6),
    "name": lambda: socket.getaddrinfo("host.invalid", 443),
    "old name": lambda: socket.gethostbyname("host.invalid"),
    "web": lambda: urllib.request.urlopen("http://host.invalid/"),
}


@pytest.mark.parametrize("attempt", REACHES_OUT.values(), ids=REACHES_OUT)
def test_reaching_out_raises_and_is_written_down(attempt: Callable[[], object]) -> None:
    with pytest.raises(RuntimeError, match="no network here"):
        attempt()
    assert f"process {os.getpid()}: " in network_attempts()


def test_attempt_that_the_program_swallows_still_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("from tests.conftest import *\nfrom tests.conftest import _no_network")
    pytester.makepyfile(
        """
        import socket

        def test_careless():
            try:
                socket.create_connection(("192.0.2.1", 80))
            except Exception:
                pass

        def test_good():
            assert socket.AF_INET
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:pytestqt")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*the network was used:*", "*socket.*"])


def test_programs_started_by_a_test_are_watched_too() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "NetworkUsedError" in done.stderr
    assert "socket." in network_attempts()


def _reach_out() -> None:
    socket.create_connection(("192.0.2.1", 80))


def test_worker_processes_are_watched_too() -> None:
    worker = multiprocessing.get_context("spawn").Process(target=_reach_out)
    worker.start()
    worker.join(60)
    assert worker.exitcode == 1
    assert "socket." in network_attempts()


def test_pipes_between_processes_are_no_network() -> None:
    here, there = multiprocessing.get_context("spawn").Pipe()
    here.send("word")
    assert there.recv() == "word"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(len, ("word",)) == 4
    assert not network_attempts()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets here")
def test_sockets_of_this_machine_are_no_network() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"word")
        assert other.recv(4) == b"word"
    assert not network_attempts()


def test_the_table_library_reports_to_nobody_whatever_the_environment_says() -> None:
    code = "import inspector; from polars._utils.monitoring import monitoring_enabled_globally as asked; print(asked())"
    environment = {**os.environ, "POLARS_QUERY_MONITORING": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr, done.returncode) == ("False\n", "", 0)
    unset = subprocess.run(
        [sys.executable, "-c", code.removeprefix("import inspector; ")], capture_output=True, text=True, env=environment, check=True
    )
    assert unset.stdout == "True\n"  # the variable is still what switches it on
