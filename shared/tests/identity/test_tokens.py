from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tandem.canonical import ODS_CODE
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.jwks import LocalKeys, PublicKey
from tandem.identity.service_tokens import SERVICE_ISSUER, ServiceTokens
from tandem.identity.signing import SigningKey, _thumbprint
from tandem.identity.tokens import TokenVerifier, TrustedIssuer

ISSUER, AUDIENCE, NOW = "https://issuer.example", "https://tandem.example/fhir", 1_750_000_000.0
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


def signing(private: Any, algorithm: str) -> SigningKey:
    return SigningKey(private, algorithm, _thumbprint(private))


ES256, RS256 = signing(EC_KEY, "ES256"), signing(RSA_KEY, "RS256")
JWKS = {"keys": [ES256.public_jwk(), {name: value for name, value in RS256.public_jwk().items() if name != "alg"}]}


class Moment:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


class CountedKeys:
    """Keys at hand that count how often they are asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self._keys = LocalKeys(JWKS)

    async def key(self, kid: str) -> PublicKey | None:
        self.asked += 1
        return await self._keys.key(kid)


def claims(**changes: Any) -> dict[str, Any]:
    whole = {"iss": ISSUER, "aud": AUDIENCE, "sub": "client-1", "iat": NOW, "exp": NOW + 300, "jti": "1",
             "scope": "system/Task.rs", "organisation": "A81001", **changes}  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def verifier(**options: Any) -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, LocalKeys(JWKS), **{"now": lambda: NOW, **options})


async def refused(token: str | None, **options: Any) -> FhirError:
    header = token if token is None or " " in token else f"Bearer {token}"
    with pytest.raises(FhirError) as error:
        await verifier(**options).verify(header)
    assert error.value.kind.status == 401
    assert error.value.headers["WWW-Authenticate"].startswith("Bearer ")
    return error.value


async def test_a_token_becomes_a_caller() -> None:
    token = ES256.sign(claims(fhirUser="Practitioner/7", role="R8000", purpose="TREAT", scope="user/Task.r"))
    caller = await verifier().verify(f"Bearer {token}")
    assert (caller.organisation, caller.user) == ("A81001", "Practitioner/7")
    assert (caller.role, caller.purpose) == ("R8000", "TREAT")
    assert caller.scopes == {"Task": frozenset("r")}
    assert (caller.client, caller.expires, caller.token) == ("client-1", NOW + 300, token)
    assert not caller.operator
    assert caller.service is None
    assert token not in repr(caller)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
async def test_rsa_signatures_hold(algorithm: str) -> None:
    token = jwt.encode(claims(), RSA_KEY, algorithm=algorithm, headers={"kid": RS256.kid})
    assert (await verifier().verify(f"bearer {token}")).organisation == "A81001"


@pytest.mark.parametrize(("organisation", "code"), [
    (f"{ODS_CODE}|a81001", "A81001"), ("a81001", "A81001"), ("https://charity.example#17", "https://charity.example|17"),
])  # fmt: skip
async def test_organisations_are_brought_to_one_form(organisation: str, code: str) -> None:
    caller = await verifier().verify(f"Bearer {ES256.sign(claims(organisation=organisation))}")
    assert caller.organisation == code


@pytest.mark.parametrize("changes", [
    {"aud": "https://other.example"}, {"aud": None}, {"aud": []}, {"aud": ["https://other.example"]},
    {"aud": AUDIENCE + "/"},
    {"iss": "https://other.example"}, {"iss": None}, {"iss": [ISSUER]},
    {"exp": None}, {"exp": "tomorrow"}, {"exp": True}, {"exp": float("nan")}, {"exp": float("inf")},
    {"nbf": NOW + 60}, {"iat": NOW + 60}, {"nbf": "now"},
    {"organisation": None}, {"organisation": ""}, {"organisation": 7}, {"organisation": "a b"},
    {"organisation": "urn:tandem:service|mdt-service"},
])  # fmt: skip
async def test_claims_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    payload = json.dumps(claims(**changes)).encode()
    token = jwt.api_jws.PyJWS().encode(payload, EC_KEY, algorithm="ES256", headers={"kid": ES256.kid})
    error = await refused(token)
    assert error.kind is Kind.UNAUTHORIZED


async def test_an_audience_among_others_is_enough() -> None:
    assert await verifier().verify(f"Bearer {ES256.sign(claims(aud=['x', AUDIENCE]))}")


async def test_an_expired_token_is_refused_with_leeway() -> None:
    token = ES256.sign(claims(exp=NOW - 4))
    assert await verifier(leeway=5).verify(f"Bearer {token}")
    assert (await refused(token, leeway=0)).kind is Kind.EXPIRED
    assert (await refused(token, leeway=4)).kind is Kind.EXPIRED
    with pytest.raises(ValueError):
        verifier(leeway=31)


def unsigned(header: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims()).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "nOnE", "", None, 7, ["ES256"], "HS256", "PS256", "EdDSA"]
)
async def test_only_listed_signatures_are_accepted(algorithm: Any) -> None:
    await refused(unsigned({"alg": algorithm, "typ": "JWT", "kid": ES256.kid}))


@pytest.mark.parametrize("form", ["PEM", "DER"])
async def test_a_public_key_is_no_shared_secret(form: str) -> None:
    secret = RSA_KEY.public_key().public_bytes(
        getattr(serialization.Encoding, form), serialization.PublicFormat.SubjectPublicKeyInfo
    )
    token = unsigned({"alg": "HS256", "kid": RS256.kid})
    body = token.rpartition(".")[0]
    signature = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    await refused(f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


async def test_a_key_serves_its_own_algorithm_only() -> None:
    # Signed well with the key that the token names, but by an algorithm for which that key is not published.
    fixed = LocalKeys({"keys": [RS256.public_jwk()]})
    token = jwt.encode(claims(), RSA_KEY, algorithm="RS512", headers={"kid": RS256.kid})
    with pytest.raises(FhirError):
        await TokenVerifier(ISSUER, AUDIENCE, fixed, now=lambda: NOW).verify(f"Bearer {token}")


async def test_wrong_keys_are_refused() -> None:
    foreign = signing(OTHER_KEY, "ES256")
    await refused(foreign.sign(claims()))
    await refused(jwt.encode(claims(), OTHER_KEY, algorithm="ES256", headers={"kid": ES256.kid}))
    await refused(jwt.encode(claims(), EC_KEY, algorithm="ES256"))
    await refused(jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": RS256.kid}))
    await refused(jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": ES256.kid, "crit": ["exp"]}))
    good = ES256.sign(claims())
    await refused(good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"))
    head, _, signature = good.split(".")
    other = base64.urlsafe_b64encode(json.dumps(claims(organisation="A81002")).encode()).rstrip(b"=").decode()
    await refused(f"{head}.{other}.{signature}")


@pytest.mark.parametrize("header", [
    None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer x", "Bearer a.b.c", "Bearer ..", "Bearer \ud800.x.y",
    "Bearer " + "a" * 20_000, "Bearer " + "[" * 5000, "Token x",
])  # fmt: skip
async def test_garbage_is_refused(header: str | None) -> None:
    with pytest.raises(FhirError) as error:
        await verifier().verify(header)
    assert error.value.kind is Kind.UNAUTHORIZED
    assert "WWW-Authenticate" in error.value.headers


async def test_no_refusal_quotes_the_token() -> None:
    error = await refused(ES256.sign(claims(organisation="secret words")))
    assert "secret" not in str(error)


async def test_a_token_is_checked_once_and_forgotten_when_it_expires() -> None:
    moment, keys = Moment(), CountedKeys()
    checked = TokenVerifier(ISSUER, AUDIENCE, keys, leeway=0, now=moment)
    header = f"Bearer {ES256.sign(claims())}"
    first = await checked.verify(header)
    assert await checked.verify(header) is first
    assert keys.asked == 1
    moment.at = NOW + 300
    for _ in range(2):
        with pytest.raises(FhirError) as error:
            await checked.verify(header)
        assert error.value.kind is Kind.EXPIRED


async def test_only_so_many_tokens_are_remembered() -> None:
    keys = CountedKeys()
    checked = TokenVerifier(ISSUER, AUDIENCE, keys, remembered=2, now=lambda: NOW)
    headers = [f"Bearer {ES256.sign(claims(jti=str(number)))}" for number in range(3)]
    for header in (headers[0], headers[1], headers[0], headers[2], headers[0]):
        await checked.verify(header)
    assert keys.asked == 3
    await checked.verify(headers[1])
    assert keys.asked == 4


async def test_only_a_trusted_issuer_names_our_services() -> None:
    token = f"Bearer {ES256.sign(claims(tandem_service='mdt-service'))}"
    plain = await verifier().verify(token)
    assert (plain.service, plain.organisation, plain.sees_all) == (None, "A81001", False)
    own = await verifier(services=True).verify(token)
    assert (own.service, own.organisation) == ("mdt-service", "urn:tandem:service|mdt-service")


async def test_services_sign_under_an_issuer_of_their_own() -> None:
    key = signing(OTHER_KEY, "ES256")
    issuer = TrustedIssuer(SERVICE_ISSUER, LocalKeys({"keys": [key.public_jwk()]}), services=True, operators=False)
    checked = verifier(others=[issuer])
    tokens = ServiceTokens(lambda: key, SERVICE_ISSUER, AUDIENCE, "mdt-service", now=lambda: NOW)
    caller = await checked.verify(f"Bearer {tokens.token()}")
    assert caller.service == "mdt-service"
    assert caller.may("Task", "d")
    # Neither issuer speaks for the other.
    forged = key.sign(claims(iss=ISSUER, tandem_service="mdt-service"))
    with pytest.raises(FhirError):
        await checked.verify(f"Bearer {forged}")
    crossed = ES256.sign(claims(iss=SERVICE_ISSUER, tandem_service="mdt-service"))
    with pytest.raises(FhirError):
        await checked.verify(f"Bearer {crossed}")
    operator = key.sign(claims(iss=SERVICE_ISSUER, tandem_operator=True))
    assert not (await checked.verify(f"Bearer {operator}")).operator


@pytest.mark.parametrize(("claim", "operator"), [(True, True), ("true", False), (1, False), (None, False)])
async def test_an_operator_is_one_by_a_plain_true(claim: Any, operator: bool) -> None:
    caller = await verifier().verify(f"Bearer {ES256.sign(claims(tandem_operator=claim))}")
    assert caller.operator is operator
