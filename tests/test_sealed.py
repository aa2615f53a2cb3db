"""Without any network, native code included, the program does all it does: sealed off by the kernel (``tests/offline/sealed.py``)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.offline import sealed
from tests.offline.sitecustomize import attempts as network_attempts

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "resources" / "samples" / "session-manager.txt"
SEAL = [sys.executable, str(ROOT / "tests" / "offline" / "sealed.py")]

Sealed = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run_sealed() -> Sealed:
    """Runs a command sealed off; skips with the kernel's reason where that is forbidden."""
    probe = subprocess.run([*SEAL, "true"], capture_output=True, text=True, check=False)
    if probe.returncode == sealed.FORBIDDEN:
        pytest.skip(probe.stderr.strip())
    assert probe.returncode == 0, probe.stderr

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*SEAL, *command], capture_output=True, text=True, check=False, timeout=240, cwd=ROOT)

    return run


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_PACKET"])
def test_the_kernel_ends_what_opens_a_socket(run_sealed: Sealed, family: str) -> None:
    # isolated: without the audit hook, as native code would do it
    done = run_sealed(sys.executable, "-I", "-c", f"import socket; socket.socket(socket.{family})")
    assert done.returncode == -31, done  # SIGSYS


def test_there_is_no_interface_and_local_sockets_work(run_sealed: Sealed) -> None:
    code = "import socket; print([name for _, name in socket.if_nameindex() if name != 'lo']); socket.socketpair()"
    done = run_sealed(sys.executable, "-I", "-c", code)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_command_line_needs_no_network(run_sealed: Sealed, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "inspector"]
    report = tmp_path / "report.html"
    done = run_sealed(*program, "report", str(SAMPLE), "-o", str(report))
    assert done.returncode == 1, f"1: there are findings; {done.stderr}"
    assert report.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_the_window_needs_no_network(run_sealed: Sealed) -> None:
    """The window's own tests, sealed: it opens, reads, shows, diagnoses, writes the report, and takes the files of a second start."""
    window = "tests/gui/test_window.py::"
    names = ("test_findings_lead_to_their_event_and_evidence_to_its_characters", "test_writes_the_report")
    second_start = "tests/gui/test_single_instance.py::test_hands_over_absolute_paths"
    done = run_sealed(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(window + name for name in names), second_start)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not network_attempts()
