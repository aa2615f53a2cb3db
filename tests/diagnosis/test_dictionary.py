"""Every entry of the dictionary fires on its own sample and not on its near miss; files of the user's are judged with file and line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from inspector.diagnosis.base import Cause, Entry, EventText
from inspector.diagnosis.dictionary import Dictionary, RuleError, load, read_rules
from inspector.diagnosis.shapes import wanted
from inspector.resources import resource_path

FOLDER = resource_path("dictionary")
ENTRIES = load(FOLDER).entries


def found(dictionary: Dictionary, text: str) -> set[str]:
    return {signal.entry.id for signal in dictionary.find(EventText(0, "log", "line 1", text))}


def variants(entry: Entry, sample: str) -> list[str]:
    """The sample once for each code of the entry."""
    first = entry.codes[0] if entry.codes else ""
    return [sample.replace(first, code) for code in entry.codes] if first and first in sample else [sample]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_fires_on_its_sample_and_not_on_its_near_miss(entry: Entry, dictionary: Dictionary) -> None:
    assert entry.example, f"{entry.origin} has no example"
    assert entry.near_miss, f"{entry.origin} has no near miss"
    for sample in variants(entry, entry.example):
        assert entry.id in found(dictionary, sample), sample
    for sample in variants(entry, entry.near_miss):
        assert entry.id not in found(dictionary, sample), sample


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_names_its_source_and_meaning(entry: Entry) -> None:
    assert entry.source
    assert entry.meaning
    assert entry.title[0].isupper()
    assert all(0 < weight <= 100 for weight in entry.causes.values())


def test_the_prefilter_lets_every_sample_pass(dictionary: Dictionary) -> None:
    samples = [sample for entry in ENTRIES if not entry.events for sample in variants(entry, entry.example)]
    frame = pl.DataFrame(
        {"message": samples, "event_id": [None] * len(samples), "flags": [0] * len(samples)},
        schema={"message": pl.String, "event_id": pl.Int64, "flags": pl.UInt16},
    )
    passed = frame.select(wanted(dictionary.anchors, dictionary.event_ids)).to_series()
    assert [sample for sample, ok in zip(samples, passed, strict=True) if not ok] == []


def test_sections_are_complete() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} >= {
        "ws-security", "addressing", "wse", "wcf", "wif", "identitymodel", "adfs", "sharepoint", "entra", "saml", "oauth", "jwt", "wss4j", "keycloak", "aws", "kerberos", "logon", "schannel", "x509",
    }  # fmt: skip


def test_a_sign_in_log_states_the_number_without_its_prefix(dictionary: Dictionary) -> None:
    assert "AADSTS50126" in found(dictionary, '{"resultType": "50126", "identity": "ann"}')
    assert "AADSTS50126" not in found(dictionary, '{"resultType": "0", "port": "50126"}')


def test_depth_counts_the_exceptions_around(dictionary: Dictionary) -> None:
    text = "AxisFault: The signature or decryption was invalid; nested exception is: java.security.cert.CertificateExpiredException: NotAfter: Mon Mar 19 23:59:59 UTC 2018"
    depths = {signal.entry.id: signal.depth for signal in dictionary.find(EventText(0, "log", "line 1", text))}
    assert depths == {"wsse.FailedCheck.text": 0, "java.certificate-expired": 1}


RULE = """
[defaults]
source = "our own gateway"
confirmed = true

[[entry]]
id = "gateway.7"
text = 'GW-7: ticket (?P<ticket>\\d+) refused'
anchor = "GW-7"
title = "The gateway refused a ticket"
causes = { revoked = 95 }
"""


def test_a_rule_of_the_users_own_joins_the_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(RULE, encoding="utf-8")
    merged = load(FOLDER, [path])
    signals = merged.find(EventText(0, "log", "line 1", "07:00 GW-7: ticket 123 refused"))
    assert [(s.entry.id, s.groups["ticket"], s.excerpt) for s in signals] == [("gateway.7", "123", "GW-7: ticket 123 refused")]
    assert signals[0].entry.causes == {Cause.REVOKED: 95}


def test_a_rule_replaces_the_built_in_one_of_the_same_id(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[entry]]\ncode = "IDX10223"\ntitle = "Ours"\ncauses = { other = 50 }\n', encoding="utf-8")
    entries = {entry.id: entry for entry in load(FOLDER, [path]).entries}
    assert entries["IDX10223"].title == "Ours"
    assert not entries["IDX10223"].confirmed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[entry]\n", "mine.toml: not valid TOML"),
        ('[[entry]]\ncode = "X12"\ntitle = "x"\ncauses = { late = 50 }\n', "mine.toml, line 4: unknown cause 'late'"),
        ('[[entry]]\ncode = "X12"\ntitle = "x"\ncauses = { expired = 500 }\n', "mine.toml, line 4: the weight of 'expired'"),
        ('[[entry]]\ntitle = "x"\ncauses = { expired = 50 }\n', "mine.toml, line 1: nothing to match"),
        (
            '\n[[entry]]\nid = "a"\ntext = "("\nanchor = "abc"\ntitle = "x"\ncauses = { expired = 50 }\n',
            "mine.toml, line 4: text is no regular expression",
        ),
        ('[[entry]]\nid = "a"\ntext = "abc"\ntitle = "x"\ncauses = { expired = 50 }\n', "mine.toml, line 3: `text` needs an `anchor`"),
        ('[[entry]]\ncode = "X12"\ncauses = { expired = 50 }\n', "mine.toml, line 1: an entry needs a `title`"),
        ('[[entry]]\ncode = "X12"\ntitle = "x"\n', "mine.toml, line 1: an entry needs `causes`"),
        ('[[entry]]\ncode = "X12"\ntitle = "x"\ncolour = "red"\ncauses = { expired = 50 }\n', "mine.toml, line 4: unknown key 'colour'"),
        (
            '[[entry]]\ncode = "X12"\ntitle = "x"\nconfirmed = "yes"\ncauses = { expired = 50 }\n',
            "mine.toml, line 4: confirmed must be true or false",
        ),
        ('[[entry]]\ncode = "X12"\ntitle = "x"\nrole = "boss"\ncauses = { expired = 50 }\n', "mine.toml, line 4: unknown role 'boss'"),
        (
            '[[entry]]\ncode = "X12"\ntitle = "x"\nstructure = "odd"\ncauses = { expired = 50 }\n',
            "mine.toml, line 4: unknown structure 'odd'",
        ),
        (
            '[[entry]]\nevent = "x"\nprovider = "P"\ntitle = "x"\ncauses = { expired = 50 }\n',
            "mine.toml, line 2: event IDs are whole numbers",
        ),
        (
            '[[entry]]\ncode = "X12"\ntitle = "x"\ncauses = { expired = 50 }\n\n[[entry]]\ncode = "X12"\ntitle = "y"\ncauses = { expired = 50 }\n',
            "mine.toml, line 6: the id 'X12' is already used at mine.toml, line 1",
        ),
        ("rules = 1\n", "mine.toml, line 1: unknown key 'rules'"),
    ],
)
def test_a_faulty_rule_file_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(RuleError) as error:
        read_rules("mine.toml", text)
    assert str(error.value).startswith(message)


def test_a_rule_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"gone\.toml: cannot be read"):
        load(FOLDER, [tmp_path / "gone.toml"])
    (tmp_path / "latin.toml").write_bytes(b'about = "\xe9"\n')
    with pytest.raises(RuleError, match=r"latin\.toml: not UTF-8"):
        load(FOLDER, [tmp_path / "latin.toml"])


def test_a_pattern_that_would_run_away_does_not(tmp_path: Path) -> None:
    """Python's own engine takes longer than the universe for this one."""
    path = tmp_path / "mine.toml"
    path.write_text(
        '[[entry]]\nid = "a"\ntitle = "x"\ntext = "gate: (?P<who>a+)+(a|aa)+$"\nanchor = "gate"\ntimes = "(x+x+)+y"\ncauses = { expired = 50 }\n',
        encoding="utf-8",
    )
    dictionary = load(FOLDER, [path])
    assert dictionary.find(EventText(0, "log", "line 1", "gate: " + "a" * 5000 + "!")) == ()
    (signal,) = dictionary.find(EventText(0, "log", "line 1", "Tür zu: GATE: " + "a" * 50))
    assert (signal.span.start, signal.span.end) == (8, 64)
    assert set(signal.groups) == {"who"}


@pytest.mark.parametrize("pattern", ["(?<=a)b", r"(a)\\1", "(a{1000}){1000}"])
def test_a_pattern_that_only_a_back_tracking_engine_knows_is_refused(pattern: str) -> None:
    with pytest.raises(RuleError, match=r"mine\.toml, line 4: text is no regular expression: "):
        read_rules("mine.toml", f'[[entry]]\nid = "a"\nanchor = "abc"\ntext = "{pattern}"\ntitle = "x"\ncauses = {{ expired = 50 }}\n')
