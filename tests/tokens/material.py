"""Keys, certificates, signed tokens and messages made for the tests; nothing here is or was ever in use."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt as pyjwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner, methods

from inspector.tokens import find_tokens
from inspector.tokens.base import Check, Token

NOW = datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC)
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


@dataclass(frozen=True)
class Document:
    """XML that stands in the text as it is."""

    text: str
    shift: int = 0

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        return start + self.shift, end + self.shift


def tokens_in(xml: str, kind: str = "") -> list[Token]:
    """Tokens of a text that is one XML document."""
    return [token for token in find_tokens(xml, (Document(xml),)) if not kind or token.kind == kind]


def only(tokens: Sequence[Token]) -> Token:
    """The one token there is."""
    assert len(tokens) == 1, [token.title for token in tokens]
    return tokens[0]


def check(token: Token | Sequence[Check], name: str) -> tuple[str, str, str]:
    """Outcome, cause and reason of the check of this name."""
    checks = token.checks if isinstance(token, Token) else token
    found = [one for one in checks if one.name == name]
    assert len(found) == 1, (name, checks)
    return found[0].outcome.value, found[0].cause, found[0].reason


def field(token: Token, name: str) -> str:
    """Value of the first field of this name."""
    return next(one.value for one in token.fields if one.name == name)


def envelope(header: str, body: str = "<a/>") -> str:
    """A SOAP 1.1 envelope with a security header."""
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"><soap:Header><wsse:Security>{header}</wsse:Security></soap:Header>'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )


def timestamp(created: str = "2026-01-31T10:21:49Z", expires: str = "2026-01-31T10:26:49Z") -> str:
    """A wsu:Timestamp."""
    return f'<wsu:Timestamp wsu:Id="TS-1"><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>'


@lru_cache
def _rsa_keys() -> dict[int, rsa.RSAPrivateKey]:
    return {}


@lru_cache
def _ec_keys() -> dict[int, ec.EllipticCurvePrivateKey]:
    return {}


def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """One of a few RSA keys, the same for the same number."""
    keys = _rsa_keys()
    if number not in keys:
        keys[number] = rsa.generate_private_key(65537, 2048)
    return keys[number]


def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """One of a few P-256 keys, the same for the same number."""
    keys = _ec_keys()
    if number not in keys:
        keys[number] = ec.generate_private_key(ec.SECP256R1())
    return keys[number]


def name_of(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(
    common_name: str,
    key: PrivateKey,
    *,
    issuer: x509.Certificate | None = None,
    issuer_key: PrivateKey | None = None,
    authority: bool = False,
    start: datetime = NOW - timedelta(days=30),
    end: datetime = NOW + timedelta(days=335),
    serial: int = 0x1234,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> x509.Certificate:
    """A certificate; signs itself where no issuer is given."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(common_name))
        .issuer_name(issuer.subject if issuer is not None else name_of(common_name))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(certificate_: x509.Certificate) -> bytes:
    return certificate_.public_bytes(serialization.Encoding.PEM)


def der_base64(certificate_: x509.Certificate) -> str:
    return base64.b64encode(certificate_.public_bytes(serialization.Encoding.DER)).decode()


def public_pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@lru_cache
def root() -> x509.Certificate:
    return certificate("Root", ec_key(1), authority=True)


@lru_cache
def intermediate() -> x509.Certificate:
    return certificate("Intermediate", ec_key(2), issuer=root(), issuer_key=ec_key(1), authority=True, serial=0x22)


@lru_cache
def leaf() -> x509.Certificate:
    return certificate("sts.example", rsa_key(), issuer=intermediate(), issuer_key=ec_key(2), serial=0xABC)


@lru_cache
def self_signed(number: int = 0) -> x509.Certificate:
    return certificate(f"idp{number}.example", rsa_key(number), serial=0x500 + number)


def jwk(key: PrivateKey, kid: str = "", **more: object) -> dict[str, object]:
    """The public key as a JSON Web Key."""
    algorithm = pyjwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else pyjwt.algorithms.ECAlgorithm
    value = json.loads(algorithm.to_jwk(key.public_key()))  # type: ignore[arg-type]
    value.pop("key_ops", None)
    return {**value, **({"kid": kid} if kid else {}), **more}


def jwks(*keys: Mapping[str, object]) -> str:
    return json.dumps({"keys": keys})


CLAIMS: dict[str, object] = {"iss": "https://idp.example", "aud": "api", "sub": "alice", "jti": "t-1", "iat": 1769854909, "exp": 1769858509}


def jws(claims: Mapping[str, object] | None = None, key: object = b"s" * 32, algorithm: str = "HS256", **header: object) -> str:
    """A signed JWT."""
    return pyjwt.encode(dict(CLAIMS if claims is None else claims), key, algorithm=algorithm, headers=dict(header))  # type: ignore[arg-type]


def part(value: object) -> str:
    """One part of a JWT, made by hand."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(identifier: str = "_a1", audience: str = "https://sp.example", *, end: str = "2026-01-31T11:21:49Z") -> str:
    """A SAML 2.0 assertion, unsigned."""
    return (
        f'<saml:Assertion xmlns:saml="{SAML}" ID="{identifier}" Version="2.0" IssueInstant="2026-01-31T10:21:49Z"><saml:Issuer>https://idp.example</saml:Issuer>'
        '<saml:Subject><saml:NameID>alice@example</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        '<saml:SubjectConfirmationData NotOnOrAfter="2026-01-31T10:26:49Z" Recipient="https://sp.example/acs" InResponseTo="_r1"/></saml:SubjectConfirmation></saml:Subject>'
        f'<saml:Conditions NotBefore="2026-01-31T10:21:49Z" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>'
        "</saml:AudienceRestriction></saml:Conditions>"
        '<saml:AuthnStatement AuthnInstant="2026-01-31T10:21:40Z" SessionNotOnOrAfter="2026-01-31T18:21:49Z" SessionIndex="_s1"><saml:AuthnContext>'
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        '<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue>alice@example</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>'
    )


def response(inner: str, status: str = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>') -> str:
    """A SAML 2.0 response around an assertion."""
    return (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_resp1" Version="2.0" IssueInstant="2026-01-31T10:21:50Z" '
        f'InResponseTo="_r1" Destination="https://sp.example/acs"><saml:Issuer xmlns:saml="{SAML}">https://idp.example</saml:Issuer>'
        f"<samlp:Status>{status}</samlp:Status>{inner}</samlp:Response>"
    )


def signed(xml: str, number: int = 0, identifier: str = "") -> str:
    """The document signed as a whole (enveloped, exclusive C14N, RSA with SHA-256), with its certificate."""
    signer = XMLSigner(method=methods.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    done = signer.sign(
        etree.fromstring(xml),
        key=rsa_key(number),
        cert=pem(self_signed(number)).decode(),
        reference_uri=f"#{identifier}" if identifier else None,
    )
    return etree.tostring(done).decode()
