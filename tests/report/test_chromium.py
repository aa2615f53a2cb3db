"""The report in a real browser: no request leaves, no script runs, and an accessibility checker finds nothing to mend."""

from __future__ import annotations

import html
import importlib.resources
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from inspector.report.html import report_html
from inspector.report.redaction import Redactor
from tests.report.reports import report_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")

HOSTILE = (
    "<script>document.title='ran'</script><img src=http://evil.example/i onerror=\"document.title='ran'\">"
    "<svg onload=\"document.title='ran'\"></svg><link rel=stylesheet href=http://evil.example/s><iframe src=http://evil.example/f></iframe>"
    "</style><style>@import 'http://evil.example/c'; body{background:url(http://evil.example/b)}</style>\"'><a href=\"javascript:document.title='ran'\">x</a>"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--virtual-time-budget=20000",
]


def browse(page: Path, folder: Path, *more: str) -> str:
    """The document after loading, as the browser then holds it."""
    finished = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *more, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return finished.stdout


def test_hostile_log_sends_no_request_and_runs_no_script(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(report_html(report_of(HOSTILE), Redactor()), "utf-8")
    net_log = tmp_path / "net.json"
    dom = browse(page, tmp_path, f"--log-net-log={net_log}")
    assert "<title>Why the token was refused</title>" in dom
    assert html.escape("<script>document.title='ran'", quote=False) in dom.replace("&#39;", "'")
    addresses = re.findall(r'"url":\s*"([^"]+)"', net_log.read_text("utf-8", errors="replace"))
    assert not [one for one in addresses if "evil.example" in one]


def test_the_check_itself_would_see_a_script_and_a_request(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>quiet</title><img src='http://evil.example/i'><script>document.title='ran'</script>", "utf-8")
    net_log = tmp_path / "net.json"
    dom = browse(page, tmp_path, f"--log-net-log={net_log}")
    assert "<title>ran</title>" in dom
    assert "evil.example" in net_log.read_text("utf-8", errors="replace")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_checker_finds_nothing(tmp_path: Path, scheme: str) -> None:
    checker = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    document = report_html(report_of("The security token could not be authenticated; password=hunter2"), Redactor())
    document = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", document)
    script = "axe.run(document, {resultTypes: ['violations']}).then(r => { const p = document.createElement('pre'); p.id = 'axe'; p.textContent = JSON.stringify({violations: r.violations, passes: r.passes.length}); document.body.appendChild(p); })"
    page = tmp_path / "report.html"
    page.write_text(document.replace("</body>", f"<script>{checker}</script><script>{script}</script></body>"), "utf-8")
    dom = browse(page, tmp_path, *(["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []))
    found = re.search(r'<pre id="axe">(.*?)</pre>', dom, re.DOTALL)
    assert found, "the checker did not run"
    result = json.loads(html.unescape(found[1]))
    assert result["passes"] > 10
    assert [(one["id"], [node["target"] for node in one["nodes"]][:5], one["help"]) for one in result["violations"]] == []
