"""What the text formats stand on: encodings, places of characters, HTML, message templates, JSON with damage."""

from __future__ import annotations

import base64
import json
import os
import re
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.formats import FORMATS
from inspector.formats.base import FileSpan, Opened
from inspector.formats.lines import LINES
from inspector.formats.message_templates import meaning_of, message_for
from inspector.formats.text import blocks, encodings, html
from inspector.formats.text.encodings import Encoding
from inspector.formats.text.line_log import ascii_classes, unbounded
from inspector.resources import resource_path
from tests.formats import reading

GERMAN = "Überwachung gescheitert: der Schlüssel für Größe\nzweite Zeile\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "utf-8"),
        (b"plain\n", "utf-8"),
        (GERMAN.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + GERMAN.encode(), "utf-8"),
        (GERMAN.encode("utf-16"), "utf-16-le"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("cp1252"), "cp1252"),
        (GERMAN.encode("cp850") * 5, "cp850"),
        ("Журнал событий: ошибка проверки подлинности\n".encode("cp1251"), "cp1251"),
        ("Zażółć gęślą jaźń, błąd uwierzytelniania, łącze\n".encode("cp1250"), "cp1250"),
        ((GERMAN * 3).encode() + b"\xfc", "utf-8"),
    ],
)
def test_encoding_is_told_from_the_bytes(data: bytes, name: str) -> None:
    assert encodings.detect(data).name == name


def test_encoding_that_the_user_states() -> None:
    assert encodings.stated("latin-1", b"x").name == "iso8859-1"
    assert encodings.stated("UTF-16", "\ufeffx".encode("utf-16-be")) == Encoding("utf-16-be", 2)
    assert encodings.stated("no-such-code", b"plain").name == "utf-8"


def test_bytes_that_are_not_utf8_stay_readable() -> None:
    data, strays = encodings.to_utf8("für ".encode() + b"f\xfcr", Encoding("utf-8"))
    assert (data.decode(), strays) == ("für für", 1)


def test_strays_are_told_once(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(GERMAN.encode() * 20 + b"f\xfcr\nlast\n")
    read = reading.read(path, LINES)
    assert read.frame["message"].to_list()[-2:] == ["für", "last"]
    assert read.raw(len(read.frame) - 1) == "last\n"
    assert [problem.reason.split(";")[0] for problem in read.problems] == ["1 byte is not utf-8"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp850"])
def test_places_lead_back_to_the_file(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    text = "äöü eins\nzwei ß drei\n\nvier"
    path.write_bytes(text.encode(encoding))
    with blocks.TextFile(Opened(path, "a", encoding=encoding)) as file:
        block = file.block(0, file.size, 1)
    assert block.data.decode() == text
    for word in ("eins", "zwei", "drei", "vier"):
        place = np.array([block.data.index(word.encode())], np.int64)
        origin = int(block.origin(place)[0])
        assert path.read_bytes()[origin:].decode(encoding).startswith(word)
    assert block.line_numbers(np.array([0, block.data.index(b"vier")], np.int64)).tolist() == [1, 4]


@given(text=st.text(alphabet="aé\n\r 漢😀", max_size=60), encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_blocks_of_any_size_hold_all_of_it(text: str, encoding: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "blocks.log"
    path.write_bytes(text.encode(encoding))
    with blocks.TextFile(Opened(path, "a", encoding=encoding)) as file:
        at, line, parts = 0, 1, []
        while at < file.size:
            block = file.block(at, min(at + 8, file.size), line)
            assert block.line_numbers(np.zeros(1, np.int64))[0] == 1 + text.encode(encoding)[:at].decode(encoding, "replace").count("\n")
            parts.append(block.data.decode())
            at, line = block.end, line + block.data.count(b"\n")
    assert "".join(parts) == text


def test_a_piece_without_line_number_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\nthree\n")
    found = list(LINES.read(Opened(path, "a"), FileSpan(8, 14)))
    frames = [item.frame for item in found if hasattr(item, "frame")]
    assert frames[0]["position"].to_list() == [3]


def test_an_event_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 64)
    monkeypatch.setattr(blocks, "LONGEST_EVENT", 256)
    path = tmp_path / "a.log"
    path.write_bytes(b"start\n" + b"  more of it\n" * 100 + b"end\n")
    read = reading.read(path, LINES)
    assert 1 < len(read.frame) < 20
    assert sum(read.frame["length"]) == path.stat().st_size
    assert read.frame["message"][-1] == "end"


HOSTILE = [
    b"<!--" * 16000,
    b"<!---->" * 9000,
    b" " * 65536,
    b"}" + b"\n" * 65000,
    b"Source:" * 9000,
    b'{"a":' * 12000,
    b"a" * 65536,
    b"[" * 65536,
]


@pytest.mark.parametrize("head", HOSTILE, ids=lambda head: repr(head[:9]))
def test_what_is_made_to_be_slow_is_not(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "slow.log"
    path.write_bytes(head)
    assert all(0 <= format_.sniff(head, "slow.log") <= 100 for format_ in FORMATS)
    assert len(reading.read(path).frame) >= 0
    assert html.unwrap(head).data is not None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<div>a</div>\n<div>b&nbsp;c</div>", "a\nb c"),
        ("x &amp;lt;y&amp;gt; &lt;z/&gt;", "x &lt;y&gt; <z/>"),
        ("<soap:Body>kept</soap:Body><span class='x'>gone</span>", "<soap:Body>kept</soap:Body>gone"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a\n   b", "a b"),
        ("<!-- c -->a<hr>b", "a\n" + "-" * 40 + "\nb"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
    ],
)
def test_html_is_undone(markup: str, text: str) -> None:
    unwrapped = html.unwrap(markup.encode())
    assert unwrapped.data.decode().strip() == text


@given(markup=st.text(alphabet="<>&;/ab rpé\n\"='#x1", max_size=80))
def test_every_place_of_undone_html_lies_in_the_markup(markup: str) -> None:
    unwrapped = html.unwrap(markup.encode())
    places = unwrapped.place(np.arange(len(unwrapped.data) + 1, dtype=np.int64))
    assert (places[:-1] <= len(markup.encode())).all()
    assert places[0] >= 0


def test_message_templates() -> None:
    data = {
        "TargetUserName": "anna",
        "TargetDomainName": "TW",
        "FailureReason": "%%2313",
        "Status": "0xC000006D",
        "SubStatus": "0xC000006A",
        "LogonType": "3",
    }
    message = message_for("Microsoft-Windows-Security-Auditing", 4625, data)
    assert message is not None
    assert message.startswith(
        "Logon of TW\\anna failed: %%2313 (unknown user name or wrong password), status 0xC000006D (user name or password is wrong)"
    )
    assert "from ? (?)" in message
    assert message_for("microsoft-windows-security-auditing", 4771, [("TargetUserName", "x"), ("Status", "0x00000025")]) is not None
    assert (
        message_for("LSASRV", 40960, [("a", "cifs/x"), ("b", "Kerberos")])
        == "The security system could not authenticate to the server cifs/x with Kerberos: ?"
    )
    assert message_for("Nobody", 1, {}) is None
    assert message_for("LSASRV", None, {}) is None
    assert message_for(None, 1, {}) is None


def test_every_message_template_can_be_filled() -> None:
    loaded = tomllib.loads(resource_path("event_messages.toml").read_text(encoding="utf-8"))
    seen: set[tuple[str, str]] = set()
    for group in loaded["provider"]:
        for name in group["names"]:
            for identity, text in group["events"].items():
                assert (name.lower(), identity) not in seen
                seen.add((name.lower(), identity))
                filled = message_for(name, int(identity), {})
                assert filled is not None
                assert "{" not in filled
                assert set(re.findall(r"\{[^}:]+:(\w+)\}", text)) <= set(loaded["codes"])
    assert len(seen) > 150


@pytest.mark.parametrize(
    ("kind", "code", "begins"),
    [
        ("kerberos", "0x25", "KRB_AP_ERR_SKEW"),
        ("kerberos", "0x00000025", "KRB_AP_ERR_SKEW"),
        ("kerberos", "37", "KRB_AP_ERR_SKEW"),
        ("schannel", "45", "certificate expired"),
        ("logon", "10", "remote desktop"),
    ],
)
def test_codes_are_explained(kind: str, code: str, begins: str) -> None:
    meaning = meaning_of(kind, code)
    assert meaning is not None
    assert meaning.startswith(begins)
    assert meaning_of(kind, "0x7fffffff") is None


def test_patterns_mean_the_same_to_both_engines() -> None:
    assert ascii_classes(r"\d[\d/-]\w[^\w]\S\[") == r"[0-9][0-9/-][0-9A-Za-z_][^0-9A-Za-z_][^ \t\r\n]\["
    assert unbounded(r"a{1,80}b{0,120}c{2,3}d{4}") == "a+b*c{2,3}d{4}"


@pytest.mark.parametrize(
    ("data", "events", "problems"),
    [
        (b'[{"a":1},{"b":2},{"c":', 3, 1),
        (b'[{"a":1},{"b":,},{"c":3}]', 3, 1),
        (b'{"Records":[{"eventName":"a","eventSource":"s"},{"eventName":"b","eventSource"', 2, 1),
        (b'{"a":1}\n{"b":2}\nnoise\n{"c":3}\n', 4, 1),
        (b"[" * 5000, 0, 0),
        (b'{"a":' * 3000, 1, 1),
    ],
)
def test_damaged_json_costs_only_its_place(data: bytes, events: int, problems: int, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    module = "json_lines" if b"\n" in data else "cloudtrail" if b"Records" in data else "json_array"
    read = reading.read(path, reading.by_module(module))
    assert (len(read.frame), len(read.problems)) == (events, problems)


def test_cut_and_broken_xml_records(tmp_path: Path) -> None:
    good = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P'/><EventID>1</EventID></System></Event>"
    broken = good.replace("</EventID>", "")
    path = tmp_path / "a.xml"
    path.write_text(good + broken + "stray words" + good + good[: good.index("<EventID>") + 4])
    read = reading.read(path)
    assert read.frame["event_id"].to_list() == [1, 1, None, 1, None]
    assert read.frame["provider"].to_list() == ["P", "P", None, "P", "P"]
    assert (read.frame["flags"] & 16).to_list() == [0, 16, 16, 0, 16]
    assert [problem.notice for problem in read.problems].count(False) == 2
    assert any("the record is cut" in problem.reason for problem in read.problems)


def test_document_types_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<Event><System><!DOCTYPE a [<!ENTITY b "c">]><EventID>1</EventID></System></Event>')
    read = reading.read(path, reading.by_module("windows_event_xml"))
    assert read.frame["event_id"].to_list() == [None]
    assert "document type" in read.problems[0].reason


def test_csv_with_odd_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'Level,Date and Time,Source,Event ID,Task Category\nError,5/21/2024 10:04:58 AM,S,1,None,"a ""b"",\nc"\nbroken\nError,5/21/2024 10:04:59 AM,S,2,None,"open'
    )
    read = reading.read(path)
    assert read.format.name == "csv"
    assert read.frame["event_id"].to_list() == [1, None, 2]
    assert read.frame["message"][0].startswith('a "b",\nc')
    assert [problem.position for problem in read.problems] == ["line 4"]


def test_dates_without_year_do_not_lie_in_the_future(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("Dec 31 23:59:58 web1 sshd[1]: a\nJan  1 00:00:01 web1 sshd[1]: b\n")
    os.utime(path, (1_704_067_300, 1_704_067_300))  # 2024-01-01 00:01:40 UTC
    read = reading.read(path)
    assert [str(moment) for moment in read.frame["time"].cast(pl.Datetime("us"))] == ["2023-12-31 23:59:58", "2024-01-01 00:00:01"]


def test_text_saved_by_the_old_event_viewer_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "14/03/2006\t15.07.32\tMicrosoft WSE 2.0\tErrore\tNessuno\t7\tN/D\tORDSRV03\tRefused \n14/03/2006\t15.07.33\tX\tAvviso\tNessuno\t8\tN/D\tORDSRV03\tLate \n"
    )
    read = reading.read(path)
    assert read.format.name == "csv"
    assert read.frame["level"].to_list() == [2, 3]
    assert read.frame["event_id"].to_list() == [7, 8]
    assert [str(moment) for moment in read.frame["time"].cast(pl.Datetime("us"))] == ["2006-03-14 15:07:32", "2006-03-14 15:07:33"]
    assert read.frame["message"].to_list()[0].startswith("Refused")


def test_docker_joins_the_lines_of_a_stack_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["ERROR refused\n", "java.lang.X: no\n", "\tat A.b(C.java:1)\n", "Caused by: y\n", "INFO half", " a line\n"]
    path = tmp_path / "a-json.log"
    path.write_text(
        "".join(
            json.dumps({"log": line, "stream": "stderr", "time": f"2024-05-21T10:04:58.11726{number}Z"}) + "\n"
            for number, line in enumerate(lines)
        )
    )
    whole = reading.read(path)
    assert whole.format.name == "json-lines"
    begins = ["ERROR refused", "java.lang.X: no\n\tat A.b(C.java:1)\nCaused by: y", "INFO half a line"]
    assert [message[: len(begin)] for message, begin in zip(whole.frame["message"], begins, strict=True)] == begins
    monkeypatch.setattr(blocks, "BLOCK", 100)
    monkeypatch.setattr(blocks, "PIECE", 120)
    assert reading.read(path).frame.equals(whole.frame)


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(b"<samlp:Response/>" * 20).decode(),
        base64.encodebytes(b"<samlp:Response/>" * 20).decode(),
        "--MIME_boundary\nContent-Type: text/xml\n\n<a/>\n--MIME_boundary--\n",
        "POST /sts HTTP/1.1\r\nHost: sts.tailwind.example\r\n\r\n<s:Envelope xmlns:s='x'/>\n",
        '<?xml version="1.0"?>\n<!DOCTYPE a [\n<!ENTITY b "c">\n]>\n<a>&b;</a>\n',
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ],
)
def test_one_pasted_thing_is_one_event(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pasted"
    path.write_bytes(text.encode())
    read = reading.read(path)
    assert read.format.name == "snippet"
    assert read.frame["message"].to_list() == [text.replace("\r\n", "\n").rstrip()]


@pytest.mark.parametrize("text", ["one\ntwo\nthree\n" * 30, "aaaa bbbb cccc\n" * 30, "abcdefgh\n" * 40])
def test_lists_of_words_are_no_pasted_thing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pasted"
    path.write_text(text)
    assert reading.read(path).format.name == "lines"


def test_uls_without_date_order_is_ambiguous(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("07/02/2021 17:53:32.56\tw3wp.exe (0x198C)\t0x0714\tA\tB\txmnv\tMedium\tName\t9aa1d79f-81e9-0056-6f76-df8edceb29a3\n")
    read = reading.read(path)
    assert read.frame["time_basis"].to_list() == [3]
    assert read.frame["activity"].to_list() == ["9aa1d79f-81e9-0056-6f76-df8edceb29a3"]


REAL = ("textlog", "uls", "iis", "svclog", "csv", "winxml", "har", "jsonl", "azurejson")


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_read_without_loss_of_lines(shared: Path, name: str) -> None:
    """Of each kind 40 or so, spread over all there are."""
    paths = sorted(path for path in (shared / "corpus" / name).rglob("*") if path.is_file())
    assert paths
    for path in paths[:: max(1, len(paths) // 40)]:
        head = path.read_bytes()[:65536]
        if not any(format_.sniff(head, path.name) for format_ in FORMATS):
            assert head.count(0) > 64 or not head, path
            continue
        read = reading.read(path)
        assert len(read.frame) or path.stat().st_size < 64, path
        assert read.frame["message"].null_count() == 0, path
        ends = (read.frame["offset"] + read.frame["length"]).to_numpy()
        starts = read.frame["offset"].to_numpy()
        assert (starts[1:] >= ends[:-1]).all(), path
        times = read.frame.filter(pl.col("time").is_not_null())["time"]
        assert times.is_between(-11_644_473_600_000_000, 253_402_300_800_000_000).all(), path
