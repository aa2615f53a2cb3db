"""What fuzzing starts from: our own samples and, where it lies beside the checkout, the folder of real logs."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from inspector.casefile import Case, CaseFinding, CaseSource, EventKey, HighlightRule
from inspector.diagnosis.dictionary import load
from inspector.events import Zone
from inspector.resources import resource_path
from tests.builders.evtx import EventSpec, evtx_bytes
from tests.diagnosis.variants import VARIANTS
from tests.formats.samples import SAMPLES
from tests.tokens import material
from tests.xmltext.messages import MESSAGES, WRAPPINGS

ROOT: Final = Path(__file__).resolve().parents[2]
REAL: Final = ROOT.parent / "shared" / "corpus"
MOST_REAL: Final = 150
"""Real files taken of one folder."""

FOLDERS: Final = {
    "evtx": ("evtx", "evtx-hostile"), "evt": ("evt",), "svclog": ("svclog",), "iis_w3c": ("iis",), "sharepoint_uls": ("uls",), "har": ("har",),
    "cloudtrail": ("cloudtrail",), "entra_signin": ("azurejson",), "json_lines": ("jsonl", "winjson"), "windows_event_xml": ("winxml",), "event_csv": ("csv",),
    "lines": ("textlog",), "timestamped": ("textlog",), "xml": ("soap", "saml", "xmlsec", "xmlattack"), "tokens": ("jwt", "saml"), "certificates": ("x509",),
    "archives": ("winzip",),
}  # fmt: skip
"""Which folders of real logs hold what a harness reads."""


def real(name: str, longest: int) -> Iterator[bytes]:
    """Beginnings of real files for one harness; none where the folder is not there."""
    for folder in FOLDERS.get(name, ()):
        files = [path for path in sorted((REAL / folder).rglob("*")) if path.is_file()] if REAL.is_dir() else []
        for path in files[:: max(1, len(files) // MOST_REAL)]:
            with path.open("rb") as file:
                yield file.read(longest)


def found(name: str) -> list[bytes]:
    """Inputs that once broke something, kept as tests."""
    return [path.read_bytes() for path in sorted((Path(__file__).parent / "found" / name).glob("*"))]


@functools.cache
def evtx_log() -> bytes:
    """A small .evtx file."""
    return evtx_bytes(
        [EventSpec(data=(("Name", "value"), (None, "é")), record_id=7), EventSpec(provider="Other", event_id=4625, user_sid="S-1-5-18")]
    )


def logs(name: str) -> list[bytes]:
    """Logs of one format; the module's name is that of the format, or of its entry in the samples."""
    if name == "evtx":
        return [evtx_log()]
    return [SAMPLES[name].data, *SAMPLES[name].misses] if name in SAMPLES else [b"x"]


@functools.cache
def texts() -> tuple[str, ...]:
    """Messages with everything that can be inside one."""
    dictionary = load(resource_path("dictionary"))
    wrappings: Iterable[Callable[[str], str]] = WRAPPINGS.values()
    wrapped = [wrap(message) for wrap in wrappings for message in MESSAGES]
    return (
        *wrapped,
        *(text for _, _, text in VARIANTS),
        *(entry.example for entry in dictionary.entries if len(entry.example) < 4000),
        *tokens(),
    )


@functools.cache
def tokens() -> tuple[str, ...]:
    """Tokens of every kind, in the places where they stand."""
    certificate = material.der_base64(material.leaf())
    saml = material.assertion()
    return (
        material.jws(),
        f"Authorization: Bearer {material.jws()}",
        f"Authorization: Basic {base64.b64encode(b'anna:open sesame').decode()}",
        'Authorization: Digest username="anna", realm="x", nonce="abc", uri="/", response="0123456789abcdef0123456789abcdef"',
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + "a" * 64,
        "X-Amz-Date=20260131T102149Z&X-Amz-Expires=300&X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20260131%2Fus-east-1%2Fs3%2Faws4_request",
        saml,
        material.response(saml),
        "SAMLResponse=" + base64.b64encode(material.response(saml).encode()).decode(),
        material.signed(saml, identifier="_a1"),
        material.pem(material.leaf()).decode(),
        material.envelope(material.timestamp() + "<wsse:UsernameToken><wsse:Username>anna</wsse:Username><wsse:Password>open sesame</wsse:Password></wsse:UsernameToken>"),
        material.envelope(carried(material.leaf().public_bytes(Encoding.DER)).decode()),
        f"<KeyInfo xmlns='http://www.w3.org/2000/09/xmldsig#'><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>",
    )  # fmt: skip


def carried(content: bytes, kind: str = "X509v3") -> bytes:
    """Bytes in a wsse:BinarySecurityToken."""
    types = {
        "X509v3": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3",
        "PKCS7": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#PKCS7",
        "Kerberos": "http://docs.oasis-open.org/wss/oasis-wss-kerberos-token-profile-1.1#GSS_Kerberosv5_AP_REQ",
    }
    return (
        f'<wsse:BinarySecurityToken xmlns:wsse="{material.WSSE}" ValueType="{types[kind]}">'.encode()
        + base64.b64encode(content)
        + b"</wsse:BinarySecurityToken>"
    )


FILTERS: Final = (
    'level:error provider:"Microsoft WSE" -message:/tim(e|ed) out/', "NOT (a OR b) AND event_id:4625,4771", "time:>2024-05-21T10:00 time:<=12:30", "has:envelope has:note",
    "data.TargetUserName:anna", 'data."Sub Status":0xc0000064', "event_id:>100 user:=anna computer:*srv?", "cause:expired finding:F1", "/(a+)+$/ \"quoted \\\" text\"",
    "source:*.evtx", "level:(error OR warning)", "last:2h", "-", "((((a))))",
)  # fmt: skip

DATES: Final = (
    "2024-05-21T10:04:58.117Z", "2024-05-21 10:04:58,117 +02:00", "5/21/2024 12:00:01 AM", "14/03/2006 15.07.32", "21/May/2024:10:04:58 +0200", "Mon Jun 05 10:00:00 UTC 2023",
    "May 21, 2024 10:04:58 AM", "May 21 10:04:58", "0521 10:04:58.123456", "1716285898", "1716285898.117", "1716285898117", "20240521T100458Z", "21 mars 2024 10:04:58",
    "14.03.06 15:07", "2024-02-29", "12/12/12 12:12:12 p. m.", "Tuesday, 21 May 2024 10:04:58 GMT", "2024-05-21T10:04:58.117264900-03:30",
)  # fmt: skip

CASE: Final = Case(
    sources=(CaseSource("/logs/a.evtx", "a.evtx", 69_632, "ab" * 32, "evtx", "", Zone()),),
    filter="level:error",
    saved_filters={"mine": "has:envelope"},
    bookmarks=(EventKey(0, 512, 1),),
    notes={EventKey(0, 512, 1): "why?"},
    highlighted={EventKey(0, 0, 1): "amber"},
    highlight_rules=(HighlightRule("fault:FailedAuthentication", "red"),),
    findings=(CaseFinding("F1", "error", "expired", "high", "The token had expired", 12),),
    window={"layout": "right"},
)

RULES: Final = (
    b'[[entry]]\nid = "ours"\ntitle = "Ours"\ntext = "our gate said no: (?P<reason>\\\\w+)"\nanchor = "our gate said no"\ncauses = { expired = 80 }\n',
    b'about = "x"\n[defaults]\nseverity = "warning"\n[[entry]]\ncode = "GATE7"\ntitle = "Gate"\nrole = "sign"\nwhy = { expired = "x" }\ncauses = { clock_skew = 5 }\n',
    b'[[entry]]\nevent = [4625]\nprovider = "Security"\nfield = { SubStatus = "0xC0000064" }\ntitle = "t"\ncauses = { bad_credentials = 9 }\ntimes = "at (?P<now>\\\\d+)"\n',
    b'[[entry]]\nstructure = "x"\nfault = "FailedAuthentication"\nmeaning = "m"\nconfirm = { expired = ["a"] }\n',
)

MESSAGES_OF_WORKERS: Final = (
    ["Ready", {}], ["Finished", {}], ["Beat", {"source": 1, "done": 7}], ["NotALog", {"source": 1, "reason": "x"}], ["Hashed", {"source": 1, "sha256": "00"}],
    ["Told", {"source": 1, "problem": {"source": "a", "position": "p", "reason": "r", "lost": 0, "notice": False}}], ["FileDone", {"source": 1}],
    ["Members", {"source": 1, "files": [["/x", "y"]], "nesting": 1}], ["Failed", {"source": 1, "reason": "r", "again": True}],
    ["Shown", {"raw": "x", "fields": [["a", "b"]]}],
    ["Delivered", {"file": {"path": "/x", "rows": 1, "dictionaries": {"provider": ["a"]}, "absent": []}, "counts": [[1, 1]], "upto": [[1, 0]]}],
    ["Recognised", {"source": 1, "format": "lines", "size": 1, "encoding": "", "date_order": "", "opened": {"path": "/x", "name": "x", "encoding": "", "day_first": None,
     "now_year": 1970}, "pieces": [{"start": 0, "end": 1, "line": 0}], "splittable": True, "reading": True}],
)  # fmt: skip


def worker_messages() -> list[bytes]:
    """One message of every kind, as workers send them."""
    return [json.dumps(one).encode() for one in MESSAGES_OF_WORKERS]


def encoded(lines: Iterable[str]) -> list[bytes]:
    """Texts as bytes."""
    return [line.encode("utf-8", "surrogatepass") for line in lines]


def write(folder: Path, seeds: Iterable[bytes], longest: int) -> None:
    """Put the seeds into a folder, as libFuzzer takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha256(seed).hexdigest()[:20]).write_bytes(seed[:longest])
