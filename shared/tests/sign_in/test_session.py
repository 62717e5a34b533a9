"""Sessions end by themselves, are of one installation, and give nobody more than their token did."""

from __future__ import annotations

from tandem.identity.caller import Caller
from tandem.sign_in.sealed_cookies import CookieSeal
from tandem.sign_in.session import Session

NOW = 1_750_000_000.0
SECRET = b"a secret of the tests"


def test_a_cookie_is_over_when_its_time_is() -> None:
    seal = CookieSeal(SECRET, "session")
    value = seal.seal({"a": 1}, NOW + 3600)
    assert seal.unseal(value, NOW + 3599) == {"a": 1, "until": NOW + 3600}
    assert seal.unseal(value, NOW + 3600) is None


def test_a_cookie_of_another_purpose_or_secret_is_none() -> None:
    value = CookieSeal(SECRET, "sign-in").seal({"a": 1}, NOW + 60)
    assert CookieSeal(SECRET, "session").unseal(value, NOW) is None
    assert CookieSeal(b"another", "sign-in").unseal(value, NOW) is None
    assert CookieSeal(SECRET, "sign-in").unseal(value, NOW) is not None


def test_a_session_is_its_caller_again() -> None:
    rights = {"Measure": frozenset("rs"), "Patient": frozenset("r")}
    caller = Caller("A81001", rights, "tandem", "Practitioner/7", "R8000", "TREAT", expires=NOW + 300, token="secret")
    session = Session.of("id", "Nadia", caller, NOW + 3600)
    again = Session(**session.held(), until=session.until).caller()
    assert (again.organisation, again.scopes, again.user, again.role, again.purpose, again.client) == (
        "A81001", rights, "Practitioner/7", "R8000", "TREAT", "tandem",
    )  # fmt: skip
    assert again.service is None
    assert "secret" not in str(session.held()), "no token is in the cookie"


def test_the_proof_of_a_form_is_of_one_session() -> None:
    caller = Caller("A81001")
    first, second = (Session.of(name, "Nadia", caller, NOW) for name in ("one", "two"))
    assert first.proof(SECRET) == Session.of("one", "Nadia", caller, NOW).proof(SECRET)
    assert first.proof(SECRET) != second.proof(SECRET)
    assert first.proof(SECRET) != first.proof(b"another")
