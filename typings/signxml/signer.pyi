from collections.abc import Sequence

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod

class XMLSigner:
    def __init__(
        self,
        method: SignatureConstructionMethod = ...,
        signature_algorithm: SignatureMethod | str = ...,
        digest_algorithm: DigestAlgorithm | str = ...,
        c14n_algorithm: CanonicalizationMethod | str = ...,
    ) -> None: ...
    def check_deprecated_methods(self) -> None: ...
    def sign(
        self,
        data: etree._Element | str | bytes,
        *,
        key: object = ...,
        passphrase: bytes | None = ...,
        cert: str | Sequence[str] | Sequence[x509.Certificate] | None = ...,
        reference_uri: str | Sequence[str] | None = ...,
        id_attribute: str | None = ...,
    ) -> etree._Element: ...
