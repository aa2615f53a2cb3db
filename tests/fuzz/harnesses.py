"""What is fuzzed: for each reader of foreign content one harness, which throws anything at it and checks what must always hold."""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import os
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl
from cryptography.hazmat.primitives.serialization import Encoding

from inspector import query
from inspector.archives import ArchiveError, Limits, is_archive, unpack
from inspector.casefile import CaseError, save
from inspector.casefile import load as load_case
from inspector.dates import parse_time, read_column
from inspector.diagnosis import REASONING
from inspector.diagnosis.base import Circumstances, EventText, Incident
from inspector.diagnosis.contents import look_into
from inspector.diagnosis.dictionary import Dictionary, RuleError, load, read_rules
from inspector.diagnosis.facts import facts_of
from inspector.diagnosis.verdict import weigh
from inspector.events import COLUMNS, Problem
from inspector.formats import FORMATS
from inspector.formats.base import CODED, FRAME_SCHEMA, SNIFF_BYTES, Batch, Format, Opened
from inspector.ingest.tasks import decode, encode
from inspector.ingest.worker import recognise
from inspector.payloads import inspect
from inspector.payloads.json_layout import lay_out_json
from inspector.payloads.stack_trace import StackTraces
from inspector.report.redaction import Redactor
from inspector.resources import resource_path
from inspector.session.detail import look_into as look_closely
from inspector.timeline.text import timeline_text
from inspector.tokens import TOKENS, find_tokens
from inspector.tokens.base import Token, Trust
from inspector.tokens.supplied import SuppliedError, trust_of
from inspector.xmltext import find_xml, pretty_offsets, pretty_print
from tests.formats.samples import SAMPLES
from tests.fuzz import seeds
from tests.tokens import material

LONGEST: Final = 4096
"""Bytes of an input, unless the harness says otherwise: small inputs run often, and what grows with size has tests of its own."""


@dataclass(frozen=True, slots=True)
class Harness:
    """One thing that is fuzzed."""

    name: str
    run: Callable[[bytes], None]
    """Raises AssertionError, or anything undocumented, for an input that breaks a promise."""
    seeds: Callable[[], Sequence[bytes]]
    longest: int = LONGEST


@functools.cache
def _folder() -> Path:
    """A private folder of this process."""
    base = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="inspector-fuzz-", dir=base if os.access(base, os.W_OK) else None))
    import atexit

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _file(data: bytes) -> Path:
    path = _folder() / "input"
    path.write_bytes(data)
    return path


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _explains(message: str, begins: str = "") -> None:
    assert message.strip()
    assert message.startswith(begins)


def _lies_within(start: int, end: int, text: str) -> None:
    assert 0 <= start <= end <= len(text), (start, end)


# --- formats ------------------------------------------------------------------------------------------------------------

_BLANK: Final = b" \t\r\n\0\x0b\x0c\x1a\x1e\xef\xbb\xbf\xfe\xff"
HEADINGS: Final = {"iis-w3c": b"#", "sharepoint-uls": b"Timestamp"}
"""How lines begin that describe the others."""
LINE_FORMATS: Final = frozenset(
    {"lines", "timestamped", "log4net", "logback", "syslog", "json-lines", "serilog", "python-logging", "glog", "iis-w3c", "sharepoint-uls"}
)
"""Every byte of these that is not blank and no heading belongs to an event."""


def read_with(format_: Format, data: bytes) -> None:
    """A file of any content is read without an exception; events lie inside it, in order; what is recognised gives something."""
    path = _file(data)
    assert 0 <= format_.sniff(data[:SNIFF_BYTES], "input.log") <= 100
    prepared = format_.prepare(Opened(path, "input.log", now_year=2024))
    problems = list(prepared.problems)
    spans: list[tuple[int, int]] = []
    characters = 0
    for piece in prepared.pieces:
        for item in format_.read(prepared.opened, piece):
            if isinstance(item, Batch):
                frame = item.frame
                for name, series in frame.to_dict().items():
                    coded = name in CODED and isinstance(series.dtype, pl.Enum)
                    assert coded or series.dtype == FRAME_SCHEMA[name], (name, series.dtype)
                assert frame["message"].null_count() == 0
                spans.extend(zip(frame["offset"].to_list(), frame["length"].to_list(), strict=True))
                characters += int(frame["message"].str.len_chars().sum())
            elif isinstance(item, Problem):
                assert item.reason
                problems.append(item)
    assert all(0 <= offset <= len(data) and length >= 0 for offset, length in spans), spans
    assert characters <= 100 * len(data) + 1_000_000, f"{characters:,} characters out of {len(data):,} bytes"
    if format_.name in LINE_FORMATS and not prepared.opened.encoding.startswith("utf-16"):
        outside = bytearray(data)
        for offset, length in spans:
            outside[offset : offset + length] = b" " * length
        left = [line for line in bytes(outside).splitlines() if not line.strip(_BLANK).startswith(HEADINGS.get(format_.name, b"\n"))]
        assert problems or not b"".join(left).strip(_BLANK + b","), left[:3]
    for offset, length in spans[:3]:
        try:
            raw = format_.raw(prepared.opened, offset, length)
        except ValueError:
            continue  # nothing is there: documented
        for name, value in format_.fields(raw):
            assert isinstance(name, str)
            assert isinstance(value, str)


def _format_harness(format_: Format) -> Harness:
    longest = 80_000 if format_.name == "evtx" else LONGEST
    module = next((name for name in SAMPLES if _is(format_, name)), format_.name)

    def start() -> list[bytes]:
        return [*seeds.logs(module), *seeds.real(module, longest)]

    return Harness(f"format.{module}", functools.partial(read_with, format_), start, longest)


def _is(format_: Format, module: str) -> bool:
    import inspector.formats as package

    return getattr(package, module.upper(), None) is format_


def detect(data: bytes) -> None:
    """Asking every format what a file is never raises and always gives the same answer."""
    assert recognise(FORMATS, data, "input.log") is recognise(FORMATS, data, "input.log")
    is_archive(data)


def open_archive(data: bytes) -> None:
    """An archive gives members in the folder and nothing elsewhere, within its limits, or says why not."""
    path = _file(data)
    into = _folder() / "into"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    limits = Limits(files=50, size=4_000_000, free=1_000_000, ratio=100)
    try:
        unpacked = unpack(path, "input.zip", into, limits=limits)
    except ArchiveError as error:
        _explains(str(error))
        return
    assert {member.path for member in unpacked.members} == set(into.iterdir())
    assert len(unpacked.members) <= limits.files
    assert sum(member.path.stat().st_size for member in unpacked.members) <= limits.size + (1 << 20)
    assert all("/../" not in f"/{member.name}/" for member in unpacked.members)


def _archives() -> list[bytes]:
    made = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("../a.log", b"first " * 20)
            archive.writestr("deep/b.evtx", b"second")
        made.append(out.getvalue())
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as tar:
            for name in ("a.log", "/etc/b"):
                info = tarfile.TarInfo(name)
                info.size = 5
                tar.addfile(info, io.BytesIO(b"first"))
        made.append(out.getvalue())
    return [*made, *(seed for seed in seeds.real("archives", 4096))]


# --- inside a message ---------------------------------------------------------------------------------------------------


def _solid(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", "", text)


def lay_out(data: bytes) -> None:
    """Laying out adds and removes white space and nothing else, twice is once, and every character is found again."""
    text = _text(data)
    pretty = pretty_print(text)
    assert _solid(pretty) == _solid(text)
    assert pretty_print(pretty) == pretty
    assert len(pretty) <= 60 * len(text) + 100
    places = [place for place, letter in enumerate(text) if not letter.isspace()][:: max(1, len(text) // 20)]
    for place, there in zip(places, pretty_offsets(text, pretty, places), strict=True):
        assert pretty[there] == text[place]


def lay_out_anything(data: bytes) -> None:
    """JSON laid out keeps every character that is not white space outside strings."""
    text = _text(data)
    laid_out = lay_out_json(text)
    assert len(laid_out) <= 200 * len(text) + 100
    assert _solid(laid_out) == _solid(text)


def find_documents(data: bytes) -> None:
    """XML found in a text lies in that text, and each of its characters can be traced back."""
    text = _text(data)
    for document in find_xml(text):
        assert 0 <= document.start <= document.end <= len(text)
        for at in range(0, len(document.text), max(1, len(document.text) // 10)):
            start, end = document.source_span(at, at + 1)
            assert 0 <= start <= end <= len(text)


def look_inside(data: bytes) -> None:
    """Every payload of a text lies in it, and so do its secrets; no kind fails."""
    text = _text(data)
    contents = inspect(text)
    assert contents.problems == ()
    for payload in contents.payloads:
        assert 0 <= payload.span.start <= payload.span.end <= len(text)
        assert all(0 <= secret.start < secret.end <= len(payload.pretty) for secret in payload.secrets)
        assert payload.break_at is None or 0 <= payload.break_at <= len(payload.pretty)
        assert len(payload.pretty) <= 200 * len(text) + 1000
    _check_tokens(contents.tokens, text)


def find_traces(data: bytes) -> None:
    """Traces of a text without XML in it."""
    text = _text(data)
    for trace in StackTraces().find(text, (), ()):
        assert 0 <= trace.span.start <= trace.span.end <= len(text)


def _check_tokens(tokens: Sequence[Token], text: str) -> None:
    for token in tokens:
        assert token.title
        assert 0 <= token.span.start <= token.span.end <= len(text)
        for window in token.windows:
            assert all(moment is None or moment.tzinfo is not None for moment in (window.not_before, window.not_after))
        _check_tokens(token.inner, text)


def decode_tokens(data: bytes) -> None:
    """Every decoder on any text."""
    text = _text(data)
    for kind in TOKENS:
        _check_tokens(kind.find(text, ()), text)
    _check_tokens(find_tokens(text, find_xml(text)), text)


def decode_binary(kind: str, data: bytes) -> None:
    """Any bytes where a certificate, a chain or a Kerberos ticket should be."""
    decode_tokens(seeds.carried(data, kind))


def decode_jwt(data: bytes) -> None:
    """Any bytes as header, claims and signature of a JWT."""
    parts = data.split(b"\0", 2)
    coded = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in [*parts, b"", b""][:3])
    decode_tokens(b"Bearer " + coded)


@functools.cache
def _trust() -> Trust:
    return Trust(
        pem=(material.pem(material.root()), material.pem(material.self_signed())),
        jwks=(material.jwks(material.jwk(material.rsa_key(), "k1")),),
        secrets=(b"s" * 32,),
        audiences=("https://sp.example",),
        issuers=("https://idp.example",),
        passwords={"anna": "open sesame"},
    )


def verify(data: bytes) -> None:
    """Verifying whatever is found, with keys, passwords and expectations at hand."""
    text = _text(data)
    contents = inspect(text, _trust(), material.NOW)
    assert contents.problems == ()
    _check_tokens(contents.tokens, text)


# --- the verdict --------------------------------------------------------------------------------------------------------


@functools.cache
def _dictionary() -> Dictionary:
    return load(resource_path("dictionary"))


def reason(data: bytes) -> None:
    """Every line of reasoning on any event; evidence lies in the text it is taken from."""
    text = _text(data)
    event = EventText(0, "log", "line 1", text, time=datetime(2024, 5, 21, tzinfo=UTC), contents=look_into(text))
    incident = Incident((event,), _dictionary().find(event))
    suggestions = [one for reasoning in REASONING for one in reasoning.suggest(incident, Circumstances(Trust()))]
    facts_of(incident)
    verdict = weigh(suggestions)
    for hypothesis in verdict.hypotheses if verdict is not None else ():
        for evidence in (*hypothesis.supports, *hypothesis.contradicts):
            assert evidence.span is None or 0 <= evidence.span.start <= evidence.span.end <= len(text)


def show(data: bytes) -> None:
    """What the detail pane shows of any event, its timeline in words included."""
    event = EventText(0, "log", "line 1", _text(data), time=datetime(2024, 5, 21, tzinfo=UTC))
    looked = look_closely(event, "stated as UTC", _dictionary(), Trust(), None)
    assert looked.contents.problems == ()
    if looked.timeline is not None:
        assert timeline_text(looked.timeline)


def redact(data: bytes) -> None:
    """A text that was redacted holds nothing that redaction would still replace, but for its own pseudonyms."""
    redactor = Redactor()
    assert isinstance(redactor.redact(_text(data)), str)


def use_rules(data: bytes) -> None:
    """Any rule file is used or refused with its name and line; what it says is tried on an event."""
    try:
        entries = read_rules("input.toml", _text(data))
    except RuleError as error:
        _explains(str(error), "input.toml")
        return
    Dictionary(entries).find(
        EventText(
            0, "log", "line 1", "our gate said no: late GATE7 FailedAuthentication at 5 " + "a" * 40, event_id=4625, provider="Security"
        )
    )


def take_supplied(data: bytes) -> None:
    """Any file as trust, as revocation list or as passwords: used or refused by name."""
    path = _file(data)
    trusts = []
    for name in ("trust", "revoked", "passwords"):
        with contextlib.suppress(SuppliedError):
            trusts.append(trust_of(**{name: [path]}))  # type: ignore[arg-type]
    for trust in trusts:
        contents = inspect(seeds.tokens()[0] + " " + seeds.tokens()[9], trust, material.NOW)
        assert contents.problems == ()


# --- what a person writes, and what is kept -----------------------------------------------------------------------------

_ROWS: Final = pl.DataFrame(
    {"source_name": ["a.log", None]}
    | {
        column.name: ([1, None] if column.kind in {"integer", "time"} else ["text Ünïcode", None])
        for column in COLUMNS
    },
    schema={"source_name": pl.String} | {column.name: pl.Int64 if column.kind in {"integer", "time"} else pl.String for column in COLUMNS},
)  # fmt: skip


def filter_rows(data: bytes) -> None:
    """Any filter is understood, says so in words and can be evaluated, or its mistake has a place."""
    text = _text(data)
    for cursor in {0, len(text) // 2, len(text)}:
        place = query.place_at(text, cursor)
        assert 0 <= place.start <= cursor <= place.end <= len(text)
    try:
        found = query.parse(text)
    except query.QueryError as error:
        _explains(error.message)
        _lies_within(error.start, error.end, text)
        return
    assert found.english
    answer = _ROWS.select(query.as_expression(found.condition, lambda _: pl.lit(value=False)).alias("answer"))["answer"]
    assert answer.dtype == pl.Boolean
    assert answer.null_count() == 0


def read_dates(data: bytes) -> None:
    """One date read by itself and in a column comes out the same."""
    text = _text(data)
    for day_first in (None, True, False):
        one = parse_time(text, day_first, 2024)
        times = read_column(pl.Series([text]), day_first, 2024)
        if len(text) <= 80:
            assert (one is not None) == bool(times.valid[0]), (text, one, times)
        if one is not None:
            moment = one.utc or one.wall.replace(tzinfo=UTC)
            micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
            assert micros == int(times.micros[0]), (text, one, times)
            assert bool(times.stated[0]) == (one.utc is not None)


def read_case(data: bytes) -> None:
    """Any case file is read or refused; what was read can be written and comes back the same."""
    try:
        case = load_case(_file(data))
    except CaseError as error:
        _explains(str(error))
        return
    again = _folder() / "again.inspection"
    save(case, again)
    assert load_case(again) == case


def _case_file() -> list[bytes]:
    path = _folder() / "seed.inspection"
    save(seeds.CASE, path)
    return [path.read_bytes()]


def hear_worker(data: bytes) -> None:
    """What a worker says is a message or one of three documented errors; a message comes back from its own bytes."""
    try:
        message = decode(data)
    except (ValueError, KeyError, TypeError):
        return
    assert decode(encode(message)) == message


HARNESSES: Final[tuple[Harness, ...]] = (
    *(_format_harness(format_) for format_ in FORMATS),
    Harness("detection", detect, lambda: [sample.data for sample in SAMPLES.values()]),
    Harness("archives", open_archive, _archives),
    Harness("pretty", lay_out, lambda: [*seeds.encoded(seeds.texts()), *seeds.real("xml", LONGEST)]),
    Harness("json_layout", lay_out_anything, lambda: [b'{"a": [1, "x y", {"b": null}]}', b'{"cut": "x', b"[[[[", *seeds.real("json_lines", LONGEST)]),
    Harness("xml_finding", find_documents, lambda: [*seeds.encoded(seeds.texts()), *seeds.real("xml", LONGEST)]),
    Harness("payloads", look_inside, lambda: [*seeds.encoded(seeds.texts()), *seeds.real("xml", LONGEST)]),
    Harness("stack_traces", find_traces, lambda: seeds.encoded(seeds.texts())),
    Harness("tokens", decode_tokens, lambda: [*seeds.encoded(seeds.tokens()), *seeds.real("tokens", LONGEST)]),
    Harness("jwt", decode_jwt, lambda: [b'{"alg":"RS256","kid":"k"}\0{"exp":1716285898,"aud":["a"],"iss":"x"}\0sig', b'{"alg":"dir","enc":"A256GCM"}\0\0']),
    Harness("certificates", functools.partial(decode_binary, "X509v3"), lambda: [material.leaf().public_bytes(Encoding.DER), *seeds.real("certificates", LONGEST)]),
    Harness("certificate_chains", functools.partial(decode_binary, "PKCS7"), lambda: [b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01"]),
    Harness("kerberos", functools.partial(decode_binary, "Kerberos"), lambda: [bytes.fromhex("6082020006092a864886f71201020201006e8201f0308201eca003020105a10302010e")]),
    Harness("verification", verify, lambda: seeds.encoded(seeds.tokens())),
    Harness("supplied", take_supplied, lambda: [material.pem(material.root()), material.jwks(material.jwk(material.rsa_key())).encode(), b"anna:x\nbob:y", b"01:ab\n# c", b"<EntityDescriptor/>"]),
    Harness("reasoning", reason, lambda: seeds.encoded(seeds.texts())),
    Harness("detail", show, lambda: seeds.encoded(seeds.texts())),
    Harness("redaction", redact, lambda: seeds.encoded(seeds.texts())),
    Harness("rules", use_rules, lambda: seeds.RULES),
    Harness("filter", filter_rows, lambda: seeds.encoded(seeds.FILTERS), 400),
    Harness("dates", read_dates, lambda: seeds.encoded(seeds.DATES), 120),
    Harness("case_file", read_case, _case_file, 65_536),
    Harness("worker_messages", hear_worker, seeds.worker_messages),
)  # fmt: skip
"""Everything that reads what somebody else wrote."""
