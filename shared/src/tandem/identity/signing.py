"""Keys of our own: made once, kept in a file that only we may read, and used to sign tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its algorithm and `kid` (the RFC 7638 thumbprint of its public half)."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    algorithm: str
    kid: str

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JWK (RFC 7517)."""
        return {**_public_members(self.private), "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact JWT over the claims."""
        return jwt.encode(claims, self.private, algorithm=self.algorithm, headers={"kid": self.kid})


def load_key(path: Path) -> SigningKey:
    """Read a private key in PEM. Raises OSError when there is no file, ValueError for a key that we do not use."""
    return key_from_pem(path.read_bytes())


def key_from_pem(pem: bytes) -> SigningKey:
    """The private key in PEM. Raises ValueError for a key that we do not use."""
    private = serialization.load_pem_private_key(pem, password=None)
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return SigningKey(private, _CURVES[private.curve.name], _thumbprint(private))
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return SigningKey(private, "RS256", _thumbprint(private))
    raise ValueError("a signing key is an elliptic key on P-256 or P-384, or an RSA key of 2048 bits or more")


def load_or_create_key(path: Path) -> SigningKey:
    """Read the key, or make an ES256 key there first, readable by its owner alone."""
    if not path.exists():
        _create(path)
    return load_key(path)


def new_key() -> bytes:
    """A new ES256 key in PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = new_key()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        # A link never replaces: of two processes that start together, the second finds the key of the first.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _public_members(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> dict[str, Any]:
    if isinstance(private, rsa.RSAPrivateKey):
        whole = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        whole = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {name: whole[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in whole}


def _thumbprint(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    members = json.dumps(_public_members(private), sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(members).digest()).rstrip(b"=").decode()
