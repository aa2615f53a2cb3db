"""The manual page in resources/ says what the commands are now, and roff has nothing to warn of."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from inspector.cli.manual_page import manual_page
from inspector.resources import resource_path

PAGE = resource_path("man/inspector.1")


def test_page_is_what_the_commands_are(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(manual_page(), "utf-8")
    assert PAGE.read_text("utf-8") == manual_page(), "run pytest --update-golden"


def test_page_names_every_option() -> None:
    page = manual_page().replace("\\", "")
    for option in (
        "--filter",
        "--timezone",
        "--skew",
        "--audience",
        "--issuer",
        "--trust",
        "--revoked",
        "--at",
        "--jobs",
        "--no-redact",
        "-o",
    ):
        assert option in page


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_roff_has_nothing_to_warn_of() -> None:
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
