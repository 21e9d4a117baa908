"""Whether a certificate that somebody else signs with is theirs, and good at a moment."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def system_roots() -> list[bytes]:
    """Return the authorities that this machine trusts for its own calls."""
    return ssl.create_default_context().get_ca_certs(binary_form=True)


def public_key(pem: bytes, name: str, at: datetime, roots: Sequence[bytes]) -> Any:  # noqa: ANN401
    """Return the key of a certificate for `name`; Permanent(`bad_signature`) says what is wrong.

    Authorities that come along with it must lead to a root. One that comes alone cannot be followed
    further than to whoever signed it, so it must not be its own, and who fetches it vouches for
    where from.
    """
    # Heavy, and needed by nobody who has no such provider.
    from cryptography import x509  # noqa: PLC0415

    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        _refuse("is none")
    own, *others = sorted(found, key=lambda each: name not in _names(each))
    if name not in _names(own):
        _refuse(f"is not that of {name}")
    if not own.not_valid_before_utc <= at <= own.not_valid_after_utc:
        _refuse(f"was not good at {at:%Y-%m-%d %H:%M}")
    if own.issuer == own.subject:
        _refuse("is signed by itself")
    if others:
        _follow(own, others, name, at, roots)
    return own.public_key()


def _follow(
    own: Any,  # noqa: ANN401 - cryptography is imported late
    others: list[Any],
    name: str,
    at: datetime,
    roots: Sequence[bytes],
) -> None:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.x509 import verification  # noqa: PLC0415

    store = verification.Store([x509.load_der_x509_certificate(root) for root in roots])
    builder = verification.PolicyBuilder().store(store).time(at)
    try:
        builder.build_server_verifier(x509.DNSName(name)).verify(own, others)
    except verification.VerificationError:
        _refuse("does not lead to an authority that we trust")


def _names(certificate: Any) -> set[str]:  # noqa: ANN401 - cryptography is imported late
    """Return whom a certificate is for: the names beside it, and the common one."""
    from cryptography import x509  # noqa: PLC0415

    found = {
        str(each.value)
        for each in certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
    }
    try:
        beside = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return found
    return found | set(beside.value.get_values_for_type(x509.DNSName))


def _refuse(what: str) -> Any:  # noqa: ANN401 - it never returns
    raise Permanent("bad_signature", f"The certificate that it is signed with {what}.") from None
