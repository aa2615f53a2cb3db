"""Audience, issuer and destination as refusals print them, and how they differ."""

from __future__ import annotations

import pytest

from inspector.diagnosis.base import Cause
from inspector.diagnosis.engine import diagnose
from inspector.diagnosis.near_misses import difference
from inspector.job import Job
from tests.diagnosis.conftest import Logged, StoreOf


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        ("https://api.example/", "https://api.example", "trailing slash only"),
        ("API://orders/", "api://orders", "trailing slash together with upper and lower case"),
        ("https://API.example", "https://api.example", "upper and lower case only"),
        ("http://api.example", "https://api.example/", "scheme: http against https"),
        ("api://11111111-2222", "11111111-2222", "api:// form only"),
        ("https://api.example:8443/x", "https://api.example/x", "another port: 8443 against default"),
        ("https://api.example/x", "https://api.example/y", "same host with another path"),
        ("orders", "payments", "differ"),
        ("https://[masked]/x", "https://[other]:port/x", "differ"),
    ],
)
def test_difference(got: str, expected: str, words: str) -> None:
    assert words in difference(got, expected)


@pytest.mark.parametrize(
    ("text", "cause", "words"),
    [
        ("IDX10214: Audience validation failed. Audiences: 'https://api.example/'. Did not match:  validationParameters.ValidAudience: 'https://api.example' or validationParameters.ValidAudiences: 'null'.", Cause.AUDIENCE_MISMATCH, "trailing slash"),
        ("IDX10205: Issuer validation failed. Issuer: 'http://id.example'. Did not match: validationParameters.ValidIssuer: 'https://id.example' or", Cause.UNTRUSTED_ISSUER, "scheme"),
        ("JWT::InvalidAudError: Invalid audience. Expected orders, received Orders", Cause.AUDIENCE_MISMATCH, "case only"),
        ("The response was received at http://app.example/acs instead of https://app.example/acs", Cause.ADDRESSING, "scheme"),
        ("SAMLException: Invalid issuer in the Assertion/Response (expected https://a.example, got https://b.example)", Cause.UNTRUSTED_ISSUER, "differ"),
    ],
)  # fmt: skip
def test_a_printed_pair_is_explained(text: str, cause: Cause, words: str, store_of: StoreOf) -> None:
    finding = diagnose(store_of([Logged(text)]), Job()).findings[0]
    assert finding.cause is cause
    assert words in finding.hypotheses[0].explanation


def test_hidden_values_are_no_pair(store_of: StoreOf) -> None:
    text = "IDX10214: Audience validation failed. Audiences: 'System.String'. Did not match: validationParameters.ValidAudience: 'null'"
    finding = diagnose(store_of([Logged(text)]), Job()).findings[0]
    assert "expected" not in finding.hypotheses[0].explanation
