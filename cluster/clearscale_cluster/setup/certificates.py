"""Certificates for a scheduler, its workers and its clients, signed by an authority of their own."""

from __future__ import annotations

import datetime
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from clearscale_cluster.errors import ClusterError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

AUTHORITY = "ca.pem"

ROLES = ("scheduler", "worker", "client")

DAYS = 365
"""For so long certificates are good unless told otherwise."""

_MOST_DAYS = 3650

_CLOCKS_DIFFER = datetime.timedelta(hours=1)


def make_certificates(folder: Path, days: int = DAYS) -> list[Path]:
    """Make certificates and keys, in a new folder that only its user can read.

    The authority's key is kept nowhere: who needs one certificate more makes all of them anew.

    Parameters
    ----------
    folder
        Gets `ca.pem`, the authority's certificate, and for scheduler, worker and client one with its key, such as
        `worker.pem` and `worker-key.pem`.
    days
        For so long the certificates are good.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ClusterError
        If there is something at `folder`, `days` is out of range, or the package for it is missing.
    OSError
        If the folder or a file cannot be written.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise ClusterError(f"certificates can be good for 1 to {_MOST_DAYS} days, not {days}")
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise ClusterError("certificates are made with the package cryptography; install it") from error
    contents = _contents(days)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise ClusterError(f"{folder}: is there already; name a new folder, so that no key is replaced") from None
    try:
        for name, content in contents.items():
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return [folder / name for name in contents]


def _contents(days: int) -> dict[str, bytes]:
    """The content of each file."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _signed("authority", authority_key, authority_key, None, days)
    contents = {AUTHORITY: authority.public_bytes(Encoding.PEM)}
    for role in ROLES:
        key = ec.generate_private_key(ec.SECP256R1())
        contents[f"{role}.pem"] = _signed(role, key, authority_key, authority, days).public_bytes(Encoding.PEM)
        contents[f"{role}-key.pem"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return contents


def _signed(
    role: str,
    key: EllipticCurvePrivateKey,
    authority_key: EllipticCurvePrivateKey,
    authority: Certificate | None,
    days: int,
) -> Certificate:
    """A certificate of a key. authority: who signs it; None for the authority's own."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"clearscale {role}")])
    now = datetime.datetime.now(datetime.UTC)
    usage = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.subject if authority else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None if authority else 0), True)
        .add_extension(
            x509.KeyUsage(digital_signature=authority is not None, key_cert_sign=authority is None, **usage), True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), False)
    )
    if authority:
        # A client's certificate lets nobody pose as a scheduler or a worker. These two also call each other.
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if role != "client" else [])]
        made = made.add_extension(x509.ExtendedKeyUsage(uses), False)
    return made.sign(authority_key, hashes.SHA256())
