"""HTTP start lines and headers inside a text."""

from __future__ import annotations

import pytest

from inspector.payloads.http_headers import Headers, HttpHeaders

RESPONSE = (
    "http error: HTTP/1.1 401 Unauthorized\r\nx-amz-request-id: BLA\r\nContent-Type: application/xml\r\nDate: Sat, 24 Sep 2022 19:13:37 GMT\r\n"
    'WWW-Authenticate: Bearer error="invalid_token"\r\n\r\nbody: text'
)


def headers(text: str) -> list[Headers]:
    return [payload for payload in HttpHeaders().find(text, (), frozenset()) if isinstance(payload, Headers)]


def test_a_response_behind_a_prefix() -> None:
    (found,) = headers(RESPONSE)
    assert found.start_line == found.title == "HTTP/1.1 401 Unauthorized"
    assert found.status == 401
    assert dict(found.headers)["Date"] == "Sat, 24 Sep 2022 19:13:37 GMT"
    assert RESPONSE[found.span.start : found.span.end].startswith("HTTP/1.1 401")
    assert "body: text" not in found.pretty


def test_credentials_are_secrets() -> None:
    (found,) = headers("sent\nAuthorization: Bearer abcdefghijklmnopqrstuvwxyz\nCookie: FedAuth=77u/PD94; theme=dark\nend")
    assert found.title == "HTTP header Authorization"
    assert [found.pretty[one.start : one.end] for one in found.secrets] == ["abcdefghijklmnopqrstuvwxyz", "77u/PD94", "dark"]


def test_a_request_with_its_headers() -> None:
    (found,) = headers("POST /adfs/services/trust HTTP/1.1\nHost: sts.example\nSOAPAction: urn:issue\nContent-Length: 17\n")
    assert found.start_line.startswith("POST /adfs/services/trust")
    assert found.status is None
    assert [name for name, _ in found.headers] == ["Host", "SOAPAction", "Content-Length"]


@pytest.mark.parametrize(
    "text",
    [
        "Log Name:      Security\nSource:        x\nDate:          1/1/2024\nEvent ID: 4625\nUser: N/A",
        "Content-Type: only one",
        "see HTTP/1.1 in the standard",
        "authorization failed for anna",
    ],
)
def test_what_only_has_colons(text: str) -> None:
    assert headers(text) == []
