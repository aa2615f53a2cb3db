"""Refusals of different tokens that miss their end by one figure are a clock; scattered ones, few ones and one token are not."""

from __future__ import annotations

import pytest

from inspector.diagnosis.base import Cause, Confidence
from inspector.diagnosis.engine import diagnose
from inspector.job import Job
from tests.diagnosis.conftest import Logged, StoreOf

TEXT = "could not verify id_token: oidc: token is expired (Token Expiry: 2024-05-01 {end} +0000 UTC)"


@pytest.mark.parametrize(
    ("moments", "cause"),
    [
        ((("10:14:56", "12:08:54"), ("10:34:58", "12:28:56"), ("10:35:45", "12:29:43")), Cause.CLOCK_SKEW),
        ((("10:14:56", "12:08:54"), ("10:34:58", "12:48:56"), ("10:35:45", "12:29:43")), Cause.EXPIRED),
        ((("10:14:56", "12:08:54"), ("10:14:56", "12:08:54"), ("10:14:56", "12:08:55")), Cause.EXPIRED),
        ((("10:14:56", "12:08:54"), ("10:34:58", "12:28:56")), Cause.EXPIRED),
    ],
)
def test_one_figure_for_several_tokens_is_a_clock(moments: tuple[tuple[str, str], ...], cause: Cause, store_of: StoreOf) -> None:
    events = [Logged(TEXT.format(end=end), time=f"2024-05-01T{now}", local=True) for end, now in moments]
    finding = diagnose(store_of(events), Job()).findings[0]
    assert finding.cause is cause


def test_the_constant_figure_is_said_with_the_number_of_tokens_behind_it(store_of: StoreOf) -> None:
    events = [Logged(TEXT.format(end=f"10:{minute}:00"), time=f"2024-05-01T11:{minute}:07") for minute in (10, 20, 30, 40)]
    finding = diagnose(store_of(events), Job()).findings[0]
    assert finding.confidence is Confidence.HIGH
    assert finding.count == 4
    assert "4 different tokens were all refused 1 h 7 s after their end" in finding.hypotheses[0].explanation
    assert "about 1 h" in finding.hypotheses[0].explanation


STAMP = (
    'Message has expired: <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><o:Security '
    'xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><u:Timestamp '
    'xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><u:Created>2024-05-01T{made}Z</u:Created>'
    "<u:Expires>2024-05-01T{end}Z</u:Expires></u:Timestamp></o:Security></s:Header><s:Body/></s:Envelope>"
)


def stamped(*late: str, local: bool = False) -> list[Logged]:
    """Refused messages made at 10:00:00, 10:10:00 …, valid for five minutes, and refused so many minutes and seconds after the hour or its tenths."""
    return [
        Logged(STAMP.format(made=f"10:{minute}:00", end=f"10:{minute + 5}:00"), time=f"2024-05-01T{moment}", local=local)
        for minute, moment in zip((10, 20, 30), late, strict=True)
    ]


def test_the_windows_of_the_messages_themselves_show_a_constant_figure_too(store_of: StoreOf) -> None:
    finding = diagnose(store_of(stamped("11:10:04", "11:20:03", "11:30:04")), Job()).findings[0]
    assert (finding.cause, finding.confidence) == (Cause.CLOCK_SKEW, Confidence.HIGH)
    assert "3 different tokens were all refused 55 min 4 s after their end" in finding.hypotheses[0].explanation
    assert "about 1 h since they were made, the shape of a zone" in finding.hypotheses[0].explanation


@pytest.mark.parametrize(
    "events",
    [stamped("11:10:04", "11:25:03", "11:30:04"), stamped("11:10:04", "11:20:03", "11:30:04", local=True), stamped("10:20:00", "10:30:00", "10:40:01")],
    ids=["scattered", "zone unknown", "in the second in which the limit was crossed"],
)  # fmt: skip
def test_windows_that_prove_no_clock(events: list[Logged], store_of: StoreOf) -> None:
    finding = diagnose(store_of(events), Job()).findings[0]
    assert not any("different tokens were all refused" in each.explanation for each in finding.hypotheses)
