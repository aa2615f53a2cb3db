"""Published vectors: what must verify verifies, what must fail fails; every exception is named with its reason."""

from __future__ import annotations

import base64
import json
import warnings
from datetime import timedelta
from pathlib import Path

import pytest

from inspector.tokens import find_tokens
from inspector.tokens.base import Check, Outcome, Span, Token, Trust
from inspector.tokens.jwt import read_jwt
from inspector.tokens.reading.certificates import load_certificate
from inspector.tokens.verify import verify
from inspector.xmltext import find_xml

JWS_EXCEPTIONS = {
    14: "an empty fourth part is taken for the full stop behind a token in a log",
    346: "the vector lets a key marked for PS256 verify PS384; RFC 7517 section 4.4 says what the key is for",
    347: "as 346: a key marked ES521, a name that no RFC has",
    350: "as 346",
    351: "as 347",
    367: "the file holds no padding: the token is the same as a valid one",
    370: "as 367",
    372: "a foreign character ends the token in a log; RFC 7515 section 2 has no room for it either",
    373: "a foreign character in base64url is refused, RFC 7515 section 2",
}


def outcome(checks: tuple[Check, ...], name: str) -> Outcome | None:
    return next((check.outcome for check in checks if check.name == name), None)


def tokens_of(path: Path) -> tuple[Token, ...]:
    text = path.read_bytes().decode("utf-8", "replace")
    return find_tokens(text, find_xml(text))


def signatures(path: Path, trust: Trust | None = None) -> list[tuple[Token, tuple[Check, ...]]]:
    return [(token, verify(token, trust or Trust())) for token in tokens_of(path) if token.kind == "signature"]


def attacked(path: Path) -> bool:
    """Whether some check of some signature of the file fails in a way that means: do not believe this."""
    for token, checks in signatures(path):
        if any(
            check.outcome is Outcome.FAILED and check.name in {"wrapping", "digest", "signature"} and check.cause
            for check in (*token.checks, *checks)
        ):
            return True
    return False


def test_json_web_signatures(shared: Path) -> None:
    vectors = json.loads((shared / "corpus/jwt/wycheproof/json_web_signature_test.json").read_text("utf-8"))
    wrong, judged = set(), 0
    for group in vectors["testGroups"]:
        trust = Trust(jwks=(json.dumps(group.get("public") or group["private"]),))
        for vector in group["tests"]:
            token = read_jwt(vector["jws"], Span(0, len(vector["jws"]))) if isinstance(vector["jws"], str) else None
            passed = token is not None and outcome(verify(token, trust), "signature") is Outcome.PASSED
            judged += 1
            if passed != (vector["result"] == "valid"):
                wrong.add(vector["tcId"])
    assert judged > 300
    assert wrong == set(JWS_EXCEPTIONS)


@pytest.mark.parametrize("name", ["jws__4_1.rsa_v15_signature.json", "curve25519__jws.json"])
def test_cookbook_of_rfc_7520(shared: Path, name: str) -> None:
    example = json.loads((shared / "corpus/jwt/jose-cookbook" / name).read_text("utf-8"))
    token = read_jwt(example["output"]["compact"], Span(0, 1))
    assert token is not None
    assert outcome(verify(token, Trust(jwks=(json.dumps(example["input"]["key"]),))), "signature") is Outcome.PASSED


def test_every_published_jwt_is_read_or_refused_with_a_reason(shared: Path) -> None:
    seen = 0
    for path in sorted((shared / "corpus/jwt").glob("*/tokens_in_tests.tsv")):
        for line in path.read_text("utf-8", "replace").splitlines():
            for token in find_tokens(line):
                seen += 1
                assert token.checks
                assert token.title
    assert seen > 100


VALID_SIGNATURES = (
    "xmlsec/xml-crypto/valid_saml_sha256_rsa_mgf1.xml",
    "xmlsec/xml-crypto/valid_signature_utf8.xml",
    "xmlsec/xml-crypto/signature_with_inclusivenamespaces.xml",
    "xmlsec/xml-crypto/signature_with_inclusivenamespaces_lines.xml",
    "xmlsec/xml-crypto/signature_with_inclusivenamespaces_lines_windows.xml",
    "saml/node-saml/logout_request_with_good_signature.xml",
    "saml/node-saml/signatures__valid__response.root-signed.assertion-signed.xml",
    "saml/node-saml/signatures__valid__response.root-signed.assertion-signed.1advice-signed.xml",
    "saml/node-saml/signatures__valid__response.root-signed.assertion-signed.2advice-signed.xml",
    "saml/node-saml/signatures__valid__response.root-signed.assertion-unsigned.xml",
    "saml/node-saml/signatures__valid__response.root-signed.assertion-unsigned-encrypted.xml",
    "saml/python3-saml/responses__double_signed_response.xml.base64",
    "saml/python3-saml/responses__double_signed_encrypted_assertion.xml.base64",
    "saml/python3-saml/responses__signed_message_response.xml.base64",
    "saml/python3-saml/responses__valid_response.xml.base64",
    "saml/python3-saml/responses__valid_response2.xml.base64",
    "saml/php-saml/responses__signed_message_response.xml",
    "saml/php-saml/responses__valid_response.xml.base64",
    "saml/ruby-saml/responses__response_with_signed_message_and_assertion.xml",
    "saml/ruby-saml/responses__valid_response.xml.base64",
)
"""Every signature of these is unchanged in content, and verifies with the certificate it carries where it carries one."""


@pytest.mark.parametrize("name", VALID_SIGNATURES)
def test_valid_signatures(shared: Path, name: str) -> None:
    found = signatures(shared / "corpus" / name)
    assert found
    for token, checks in found:
        assert outcome(checks, "digest") is Outcome.PASSED
        assert outcome(checks, "signature") is Outcome.NOT_POSSIBLE, "no key was supplied"
        if token.inner:
            own = load_certificate(base64.b64decode(token.inner[0].material))
            assert own is not None
            trust = Trust(pem=(base64.b64decode(token.inner[0].material),))
            assert outcome(verify(token, trust), "signature") is Outcome.PASSED


INVALID_SIGNATURES = (
    "xmlsec/xml-crypto/invalid_saml_sha256_rsa_mgf1.xml",
    "xmlsec/xml-crypto/invalid_signature - changed content.xml",
    "xmlsec/xml-crypto/invalid_signature - non existing reference.xml",
    "xmlsec/xml-crypto/invalid_signature - wsu - changed content.xml",
    "xmlsec/xml-crypto/invalid_signature - wsu - hash.xml",
    "xmlsec/xml-crypto/invalid_signature - wsu - non existing reference.xml",
    "xmlsec/xml-crypto/invalid_signature_without_transforms_element.xml",
    "xmlsec/xml-crypto/saml_wrapped_signed_info_node.xml",
    "saml/node-saml/logout_request_with_bad_signature.xml",
    "saml/node-saml/signatures__invalid__response.root-signed.assertion-signed.xml",
    "saml/node-saml/signatures__invalid__response.root-signed.assertion-unsigned.xml",
    "saml/node-saml/signatures__invalid__response.root-signed-transforms.assertion-unsigned.xml",
    "saml/node-saml/signatures__invalid__response.root-unsigned.assertion-signed-transforms.xml",
    "saml/azuread-identitymodel/ReferenceTokens_08_Saml2Token_AttributeTampered.xml",
    "saml/azuread-identitymodel/ReferenceTokens_09_Saml2Token_AttributeTampered_NoKeyMatch.xml",
    "saml/php-saml/responses__invalids__bad_reference.xml.base64",
    "saml/python3-saml/responses__invalids__bad_reference.xml.base64",
    "saml/python3-saml/responses__invalids__signature_wrapping_attack.xml.base64",
    "saml/python3-saml/responses__invalids__signature_wrapping_attack2.xml.base64",
    "saml/python3-saml/responses__response_node_text_attack.xml.base64",
    "saml/python3-saml/responses__wrapped_response_2.xml.base64",
    "saml/pysaml2/saml_false_signed.xml",
    "saml/pysaml2/xsw__signed-xsw-assertion-assertion.xml",
    "saml/pysaml2/xsw__signed-xsw-assertion-extensions.xml",
    "saml/pysaml2/xsw__signed-xsw-assertion-wrapper.xml",
    "saml/pysaml2/xsw__signed-xsw-response-in-response-first-sig.xml",
    "saml/ruby-saml/responses__invalids__encrypted_new_attack.xml.base64",
    "saml/ruby-saml/responses__response_node_text_attack3.xml.base64",
    "saml/simplesamlphp-saml2/assertions__signedassertion_tampered.xml",
)
"""Not in it: ``invalid_signature - signature value`` (its key is not published with it, so nothing can tell) and the
``metadata__corrupted`` files (not well-formed, which is said)."""


@pytest.mark.parametrize("name", INVALID_SIGNATURES)
def test_invalid_signatures(shared: Path, name: str) -> None:
    assert attacked(shared / "corpus" / name)


def test_attack_documents_are_survived(shared: Path) -> None:
    for path in sorted((shared / "corpus/xmlattack").rglob("*")):
        if path.is_file():
            tokens_of(path)


@pytest.mark.parametrize("kind", ["saml", "soap"])
def test_every_document_is_read(shared: Path, kind: str) -> None:
    found = 0
    for path in sorted((shared / "corpus" / kind).rglob("*")):
        if path.is_file() and path.stat().st_size < 200_000:
            found += len(tokens_of(path))
    assert found > 50


def certificates_in(data: bytes) -> list[Token]:
    """Certificates of a file in PEM or DER."""
    found = find_tokens(data.decode("latin-1")) or find_tokens(base64.b64encode(data).decode())
    return [token for token in found if token.title.startswith("X.509 certificate of")]


WSS4J = "corpus/x509/wss4j/ws-security-common__src__test__resources__keys__"


@pytest.mark.parametrize(
    ("name", "days", "expected"),
    [
        ("wss40.crt", 1, ("passed", "passed", "passed")),
        ("wss40_server.pem", 1, ("passed", "passed", "passed")),
        ("wss40exp.pem", 2, ("passed", "failed", "passed")),
        ("wss40rev.pem", 1, ("passed", "passed", "failed")),
        ("ca.db.certs__03.pem", 1, ("failed", "passed", "passed")),
    ],
)
def test_chains(shared: Path, name: str, days: int, expected: tuple[str, ...]) -> None:
    """The last one was issued by an earlier authority of the same name, which is why its chain fails."""

    def read(file: str) -> bytes:
        return Path(f"{shared}/{WSS4J}{file}").read_bytes()

    token = certificates_in(read(name))[0]
    start = token.windows[0].not_before
    assert start is not None
    checks = verify(token, Trust(pem=(read("wss40CA.pem"),), crls=(read("wss40CACRL.pem"),)), start + timedelta(days=days))
    assert tuple(str(outcome(checks, one)) for one in ("chain", "validity", "revocation")) == expected


CERTIFICATES_NOT_READ = {
    "enc-dsa-key.der": "a private key",
    "rsa-priv-key.der": "a private key",
    "dh-priv-key.der": "a private key",
    "nocertifiacte.crt": "a text",
    "invalid_certificate1": "damaged on purpose",
    "invalid_certificate2": "damaged on purpose",
    "invalid_certificate3": "damaged on purpose",
    "wss40rev.cer": "a request for a certificate",
    "wss40_server.cer": "a request for a certificate",
    "wss40.cer": "a request for a certificate",
    "wss40CACRL.pem": "a revocation list",
}


def test_every_certificate_is_read(shared: Path) -> None:
    missed = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in sorted((shared / "corpus/x509").rglob("*")):
            if not path.is_file():
                continue
            if not certificates_in(path.read_bytes()):
                missed.add(path.name.rpartition("__")[2])
    assert missed == set(CERTIFICATES_NOT_READ)
