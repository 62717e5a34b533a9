from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tandem.identity.issuer import KEY_FILE, LocalIssuer, parse_ttl
from tandem.identity.service_tokens import ServiceTokens, service_issuer
from tandem.identity.signing import load_key
from tandem.identity.tokens import TokenVerifier

ISSUER, AUDIENCE, NOW = "http://127.0.0.1:8000", "http://127.0.0.1:8000/fhir", 1_750_000_000.0


def local_issuer(directory: Path) -> LocalIssuer:
    return LocalIssuer(directory, ISSUER, AUDIENCE, now=lambda: NOW)


def verifier(issuer: LocalIssuer, *, now: float = NOW) -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, issuer.keys, services=True, now=lambda: now)


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first, second = local_issuer(tmp_path / "data"), local_issuer(tmp_path / "data")
    path = tmp_path / "data" / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.jwks() == second.jwks()
    assert [entry.name for entry in path.parent.iterdir()] == [KEY_FILE]
    assert "d" not in first.jwks()["keys"][0]


async def test_a_minted_token_says_what_was_asked_for(tmp_path: Path) -> None:
    issuer = local_issuer(tmp_path)
    token = issuer.mint("https://charity.example#17", scope="system/Task.rs", user="Practitioner/7", role="R1",
                        purpose="TREAT", ttl=60, operator=True, client="cli")  # fmt: skip
    caller = await verifier(issuer).verify(f"Bearer {token}")
    assert caller.organisation == "https://charity.example|17"
    assert (caller.user, caller.role, caller.purpose, caller.client) == ("Practitioner/7", "R1", "TREAT", "cli")
    assert caller.operator
    assert caller.expires == NOW + 60
    assert caller.may("Task", "r")
    assert not caller.may("Task", "c")


async def test_a_plain_token_is_good_for_eight_hours_and_all_types(tmp_path: Path) -> None:
    issuer = local_issuer(tmp_path)
    caller = await verifier(issuer).verify(f"Bearer {issuer.mint('a81001')}")
    assert caller.expires == NOW + 8 * 3600
    assert caller.may("Patient", "d")
    assert not caller.operator
    assert caller.service is None


@pytest.mark.parametrize("organisation", ["", "a b", "Organization/7"])
def test_no_token_for_no_organisation(tmp_path: Path, organisation: str) -> None:
    with pytest.raises(ValueError):
        local_issuer(tmp_path).mint(organisation)


@pytest.mark.parametrize(("text", "seconds"), [("900", 900), ("90s", 90), ("15m", 900), ("8h", 28_800), ("1d", 86_400)])
def test_lifetimes(text: str, seconds: int) -> None:
    assert parse_ttl(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0h", "-1", "8 h", "8w", "1.5h", "h"])
def test_other_lifetimes_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_ttl(text)


async def test_services_get_tokens_of_the_local_issuer(tmp_path: Path) -> None:
    issuer = local_issuer(tmp_path)
    caller = await verifier(issuer).verify(f"Bearer {issuer.service_tokens('mdt-service').token()}")
    assert caller.service == "mdt-service"
    assert caller.sees_all


async def test_services_share_a_key_file(tmp_path: Path) -> None:
    path = tmp_path / "service-key.pem"
    pem = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem)
    tokens = ServiceTokens.from_key_file(path, AUDIENCE, "referral-service")
    issuer = local_issuer(tmp_path)
    checked = TokenVerifier(ISSUER, AUDIENCE, issuer.keys, others=[service_issuer(path)])
    assert (await checked.verify(f"Bearer {tokens.token()}")).service == "referral-service"


def test_a_service_token_is_renewed_before_it_ends(tmp_path: Path) -> None:
    at = [NOW]
    tokens = ServiceTokens(local_issuer(tmp_path).keys.signing, ISSUER, AUDIENCE, "mdt-service", now=lambda: at[0])
    first = tokens.token()
    at[0] += 240
    assert tokens.token() == first
    at[0] += 1
    assert tokens.token() != first


def test_other_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    with pytest.raises(ValueError):
        load_key(path)
