"""JSON Web Tokens: found anywhere, taken apart, judged by form and algorithm."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from inspector.tokens import find_tokens
from inspector.tokens.base import Token
from tests.tokens.material import CLAIMS, check, field, jws, only, part, rsa_key

TOKEN = jws()
TWICE = b'{"a": 1, "a": 2}'


def found(text: str) -> list[Token]:
    return [token for token in find_tokens(text) if token.kind == "jwt"]


def made(claims: object, header: object | None = None, signature: str = "c2ln") -> str:
    return f"{part(header or {'alg': 'HS256'})}.{part(claims)}.{signature}"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {}",
        "GET /cb?id_token={}&state=1",
        '{{"access_token":"{}","x":1}}',
        "token '{}'.",
        "jwt={}",
        "[{}]",
        "was {}. Then",
        '{{\\"t\\":\\"{}\\"}}',
    ],
)
def test_found_wherever_it_stands(text: str) -> None:
    line = text.format(TOKEN)
    token = only(found(line))
    assert line[token.span.start : token.span.end] == TOKEN
    assert token.issuer == "https://idp.example"
    assert token.audience == ("api",)
    assert token.subject == "alice"
    assert token.identity == "jti t-1"
    assert check(token, "format")[0] == "passed"


def test_its_secret_parts_are_secret() -> None:
    token = only(found(TOKEN))
    assert {one.name for one in token.fields if one.secret} == {"signature", "token"}
    assert TOKEN not in repr(token.title) + token.identity + repr(token.checks)


def test_dates_are_written_for_people_and_make_a_window() -> None:
    token = only(found(TOKEN))
    (window,) = token.windows
    assert (window.not_before, window.not_after) == (
        datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC),
        datetime(2026, 1, 31, 11, 21, 49, tzinfo=UTC),
    )
    assert next(one.note for one in token.fields if one.name == "exp") == "2026-01-31 11:21:49 UTC"
    assert check(token, "lifetime")[2] == "valid for 1 h"


def test_nbf_comes_before_iat() -> None:
    assert only(found(made({**CLAIMS, "nbf": 1769854000}))).windows[0].not_before_name == "nbf"


@pytest.mark.parametrize(
    "text",
    [
        "the key they keyed",
        "eyJub3QiOiJhIGp3dCJ9",  # base64 of JSON without alg
        part({"page": 3, "filter": "x"}),
        "eyeball.eyebrow.eyelid",
        "com.eyJavaScript.Foo",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (made({**CLAIMS, "exp": 1769858509000}), "exp counts milliseconds"),
        (made({**CLAIMS, "exp": "1769858509"}), "exp is text, not a number"),
        (made({**CLAIMS, "exp": "2026-01-31T11:21:49Z"}), "exp is a date written as text"),
        (made({**CLAIMS, "exp": True}), "exp is true, not a number"),
        (made({**CLAIMS, "exp": [1]}), "exp is a JSON array"),
        (made({**CLAIMS, "exp": "soon"}), "exp is the text 'soon'"),
        (f"{part({'alg': 'HS256'})}.{part(b'not json')}.c2ln", "claims: not JSON at character 1"),
        (f"{part({'alg': 'HS256'})}.{part([1])}.c2ln", "claims: JSON, but not an object"),
        (f"{part({'alg': 'HS256'})}.{part(bytes([0xFF, 0xFE]))}.c2ln", "claims: not UTF-8 at byte 0"),
        (f"{part({'alg': 'HS256'})}.{part(TWICE)}.c2ln", "the name 'a' stands twice"),
        (made(CLAIMS, signature="abcde"), "signature: length 5 is impossible for base64url"),
        (made(CLAIMS) + ".a.b.c", "6 parts where a JWS has three"),
        (f"{TOKEN}.{'.'.join(TOKEN.split('.')[:2])}", "two tokens glued together"),
    ],
)
def test_what_the_sender_did_wrong_is_malformed(token: str, words: str) -> None:
    outcome, cause, reason = check(only(found(token)), "format")
    assert (outcome, cause) == ("failed", "malformed")
    assert words in reason


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{'.'.join(TOKEN.split('.')[:2])}.[Signature removed]", "the logger left the signature out"),
        (f"{TOKEN[:60]}***", "the log hides the rest of the token ('***')"),
        (f"{TOKEN[:60]}...", "the log hides the rest"),
        (TOKEN.split(".")[0], "one part where a JWS has three: the text ends inside the token"),
        (".".join(TOKEN.split(".")[:2]), "2 parts where a JWS has three: the text ends"),
    ],
)
def test_what_the_log_did_is_never_the_senders_fault(text: str, words: str) -> None:
    token = only(found(text))
    assert words in "; ".join(token.problems)
    assert check(token, "format")[0] == "not possible"


@pytest.mark.parametrize(
    ("header", "outcome", "cause", "words"),
    [
        ({"alg": "RS256"}, "passed", "", "RS256, RSA"),
        ({"alg": "none"}, "failed", "unsupported", "anybody can write one"),
        ({"alg": "nOnE"}, "failed", "unsupported", "anybody can write one"),
        ({"typ": "JWT"}, "failed", "malformed", "names no algorithm"),
        ({"alg": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}, "failed", "unsupported", "RS256 is meant"),
        ({"alg": "hs256"}, "failed", "unsupported", "HS256 is meant"),
        ({"alg": "XX1"}, "failed", "unsupported", "is no signature algorithm"),
        ({"alg": "RS256", "crit": ["exp"]}, "not possible", "", "demands extensions"),
    ],
)
def test_algorithm(header: object, outcome: str, cause: str, words: str) -> None:
    found_ = check(only(found(made(CLAIMS, header))), "algorithm")
    assert found_[:2] == (outcome, cause)
    assert words in found_[2]


@pytest.mark.parametrize(
    ("claims", "outcome", "words"),
    [
        ({"iat": 1769854909}, "not possible", "no exp"),
        ({"exp": 1769854909, "iat": 1769854909}, "failed", "exp is not after iat"),
        ({"exp": 1769854909}, "passed", "no nbf or iat"),
        ({"exp": 1769854909 + 864000, "iat": 1769854909}, "passed", "long for a bearer token"),
    ],
)
def test_lifetime(claims: object, outcome: str, words: str) -> None:
    found_ = check(only(found(made(claims))), "lifetime")
    assert found_[0] == outcome
    assert words in found_[2]


def test_beyond_32_bits() -> None:
    token = only(found(made({"exp": 2**31, "iat": 1769854909})))
    assert check(token, "date range")[:2] == ("failed", "malformed")
    assert not [one for one in only(found(made({"exp": 2**31 - 1}))).checks if one.name == "date range"]


@pytest.mark.parametrize(
    ("claims", "title"),
    [
        ({"iss": "https://login.microsoftonline.com/5c1b6b1e/v2.0", "ver": "2.0", "scp": "read"}, "Entra ID access token, version 2.0"),
        ({"iss": "https://sts.windows.net/5c1b6b1e/", "ver": "1.0", "nonce": "x"}, "Entra ID ID token, version 1.0"),
        ({"iss": "http://fs.example/adfs/services/trust", "scp": "openid"}, "AD FS access token"),
        ({"iss": "https://sso.example/realms/shop", "typ": "Refresh"}, "Keycloak refresh token"),
        ({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc", "token_use": "id"}, "Amazon Cognito ID token"),
        ({"iss": "https://shop.eu.auth0.com/", "scope": "openid"}, "Auth0 access token"),
        ({"iss": "https://realms.example"}, "JWT from https://realms.example"),
    ],
)
def test_known_shapes_are_named(claims: dict[str, object], title: str) -> None:
    assert title in only(found(made({**claims, "exp": 1769858509}))).title


def test_encrypted_token_says_so() -> None:
    token = only(found(f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a2V5.aXY.Y2lwaGVy.dGFn"))
    assert token.title == "Encrypted JWT (JWE, RSA-OAEP, A256GCM)"
    assert check(token, "lifetime")[2].startswith("the claims are encrypted")
    assert field(token, "content") == "encrypted with A256GCM"


def test_the_same_token_twice_is_one() -> None:
    assert len(found(f"{TOKEN} and again {TOKEN}")) == 1
    assert len(found(f"{TOKEN} and {jws({**CLAIMS, 'jti': 'other'})}")) == 2


@pytest.mark.parametrize("width", [50, 64, 100])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_a_token_broken_over_lines_is_put_together(width: int, algorithm: str) -> None:
    whole = jws(key=rsa_key() if algorithm == "RS256" else b"s" * 32, algorithm=algorithm)
    lines = "\n    ".join(whole[start : start + width] for start in range(0, len(whole), width))
    text = f"token:\n    {lines}\n    expired at noon"
    token = only(found(text))
    assert token.material == whole
    assert "".join(text[token.span.start : token.span.end].split()) == whole
    assert "broke it over lines" in next(one.note for one in token.fields if one.name == "token")
    assert check(token, "format")[0] == "passed"


def test_a_whole_token_takes_no_part_of_the_next_line() -> None:
    assert only(found(f"{TOKEN}\nexpired")).material == TOKEN
    assert only(found(f"{TOKEN[:90]}\nexpired yesterday")).material == TOKEN[:90]


def test_a_token_in_base64() -> None:
    import base64

    token = only(found(f"token: {base64.b64encode(TOKEN.encode()).decode()}"))
    assert token.material == TOKEN
    assert token.title.endswith(", base64")


def test_seconds_divided_by_a_thousand() -> None:
    assert "divided by 1000" in check(only(found(made({"exp": 1769858}))), "format")[2]


def serialized(**members: object) -> str:
    header, payload, signature = TOKEN.split(".")
    return json.dumps({"payload": payload, "protected": header, "header": {"kid": "k1"}, "signature": signature} | members)


def test_json_serialization() -> None:
    """RFC 7515 section 7.2: flattened, and general with two signatures over one payload."""
    text = f"body: {serialized()} end"
    (token,) = found(text)
    assert token.title.endswith(", JSON serialization")
    assert (token.span.start, token.span.end) == (6, len(text) - 4)
    assert token.material == TOKEN
    other = jws(key=b"t" * 32).split(".")
    header, payload, signature = TOKEN.split(".")
    general = {
        "payload": payload,
        "signatures": [{"protected": header, "signature": signature}, {"protected": other[0], "signature": other[2]}],
    }
    assert {token.material for token in found(json.dumps(general))} <= {TOKEN, f"{other[0]}.{payload}.{other[2]}"}
    assert found(json.dumps(general))[0].material == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        '{"payload":"x","signature":"y"}',
        '{"payload":1,"signatures":[1]}',
        '{"payload":"x","signatures":{"a":1}}',
        '{"payload":"x","signatures":',
        '{"payload":"' + "[" * 5000 + '","signature":"' + "{" * 5000,
        '{"signature":"a.b.c","payload":"d","protected":"e"}',
    ],
)
def test_json_that_only_looks_like_a_serialized_token(text: str) -> None:
    assert found(text) == []
