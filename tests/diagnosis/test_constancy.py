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
