"""Text inside JSON and HTML is read with its white space, every place where it was; paths are left alone."""

from __future__ import annotations

import pytest

from inspector.diagnosis.base import EventText
from inspector.diagnosis.dictionary import Dictionary
from inspector.diagnosis.escapes import plain_view


@pytest.mark.parametrize(
    ("escaped", "words"),
    [
        (r"Status:\t\t\t0xC000006D\r\nSub Status:", ["Status:", "0xC000006D", "Sub", "Status:"]),
        (r"one\\r\\ntwo\\nthree", ["one", "two", "three"]),
        ("one&nbsp;two&#xA;three&#10;four", ["one", "two", "three", "four"]),
        (r"C:\new\temp\report.log", [r"C:\new\temp\report.log"]),
        ("nothing to do", ["nothing", "to", "do"]),
        (
            "cb?error_description=AADSTS1%3a+the%20token%27s+end&state=a+b",
            ["cb?error_description=AADSTS1:", "the", "token'", "s", "end&state=a+b"],
        ),
        ("redirect_uri=a+b&token=x%2By", ["redirect_uri=a+b&token=x%2By"]),
    ],
)
def test_escaped_white_space_is_white_space_of_the_same_length(escaped: str, words: list[str]) -> None:
    assert plain_view(escaped).split() == words
    assert len(plain_view(escaped)) == len(escaped)


def test_codes_are_found_inside_json_at_their_own_place(dictionary: Dictionary) -> None:
    text = r'{"eventID":"4625","providerName":"Microsoft-Windows-Security-Auditing","message":"Status:\t\t\t0xC000006D\r\n\tSub Status:\t\t0xC0000064\r\n"}'
    signals = {signal.entry.id: signal for signal in dictionary.find(EventText(0, "log", "line 1", text))}
    assert {"nt.unknown-user", "logon.4625"} <= set(signals)
    assert signals["nt.unknown-user"].excerpt == "0xC0000064"


@pytest.mark.parametrize(
    "text", ["the security timestamp is\n    invalid because its creation\n    time is in the future", "Signature  not\tyet current:  x"]
)
def test_wrapped_and_doubled_blanks_do_not_hide_a_text(text: str, dictionary: Dictionary) -> None:
    assert {signal.entry.id for signal in dictionary.find(EventText(0, "log", "line 1", text))} & {"wcf.future", "aws.signature-early"}


@pytest.mark.parametrize(
    ("text", "thrown"),
    [
        ("- Handling 'ImmatureSignatureError' for issued_at time", False),
        ("    except jwt.ExpiredSignatureError:", False),
        ("jwt.exceptions.ImmatureSignatureError: The token is not yet valid (iat)", True),
        ("Error handling request: ImmatureSignatureError", True),
    ],
)
def test_the_name_of_an_exception_that_is_only_spoken_of_is_no_refusal(text: str, thrown: bool, dictionary: Dictionary) -> None:
    assert any(signal.entry.codes for signal in dictionary.find(EventText(0, "log", "line 1", text))) is thrown
