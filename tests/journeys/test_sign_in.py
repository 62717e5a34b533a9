"""Signing in to the pages at the local issuer, as a browser does it, and every way in which it must not succeed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tandem.identity.passwords import hashed
from tandem.identity.people import PeopleRegistry, SigningIn
from tandem_tests.loopback import blocking_http_client
from tandem_tests.running import EmbeddedTandem, ServiceTandem

System = EmbeddedTandem | ServiceTandem
PASSWORD = "a horse of the synthetic kind"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class Browser:
    """A browser on a system: keeps cookies, and follows nothing by itself."""

    def __init__(self, system: System) -> None:
        self.client = blocking_http_client(base_url=system.url, timeout=60)

    def get(self, address: str) -> httpx.Response:
        return self.client.get(address)

    def begin(self, wanted: str = "/dashboard") -> str:
        """As far as the sign-in page: its address."""
        answer = self.client.get("/sign-in", params={"return": wanted})
        assert answer.status_code == 303
        return answer.headers["location"]

    def form(self, address: str) -> dict[str, str]:
        """The hidden fields of the sign-in page."""
        page = self.get(address)
        assert page.status_code == 200, page.text
        return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}

    def submit(self, form: dict[str, str], name: str, password: str = PASSWORD) -> httpx.Response:
        return self.client.post("/oauth2/authorize", data={**form, "name": name, "password": password})

    def sign_in(self, name: str, wanted: str = "/dashboard") -> httpx.Response:
        """All the way; the answer of the callback."""
        answer = self.submit(self.form(self.begin(wanted)), name)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])

    @property
    def signed_in(self) -> bool:
        return "You are signed in as" in self.get("/sign-out").text


@pytest.fixture
def amina(embedded: System) -> str:
    """The name of somebody who may sign in, for a practice."""
    person = SigningIn("amina", "Dr Amina Khan", hashed(PASSWORD), "A81001", "Practitioner/7", "R8000", "TREAT")
    PeopleRegistry(embedded.data).put(person)
    return person.name


@pytest.fixture
def browser(embedded: System) -> Iterator[Browser]:
    browser = Browser(embedded)
    yield browser
    browser.client.close()


@pytest.fixture
def other_browser(embedded: System) -> Iterator[Browser]:
    browser = Browser(embedded)
    yield browser
    browser.client.close()


@pytest.mark.on_six_processes
def test_a_person_signs_in_and_out(browser: Browser, amina: str) -> None:
    first = browser.get("/dashboard?as-of=2020-06-30")
    assert first.status_code == 303
    assert first.headers["location"] == "/sign-in?return=%2Fdashboard%3Fas-of%3D2020-06-30"
    answer = browser.sign_in(amina, "/dashboard?as-of=2020-06-30")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard?as-of=2020-06-30")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("tandem-session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=3600" in cookie
    asked = browser.get("/sign-out")
    assert "Dr Amina Khan, for organisation A81001" in asked.text
    proof = dict(HIDDEN.findall(asked.text))
    copied = browser.client.cookies["tandem-session"]
    assert "You are signed out" in browser.client.post("/sign-out", data=proof).text
    assert not browser.signed_in
    assert browser.get("/dashboard").status_code == 303
    # Whoever copied the cookie before has nothing in it now.
    browser.client.cookies.set("tandem-session", copied)
    assert browser.get("/dashboard").status_code == 303
    assert not browser.signed_in


def test_signing_out_ends_the_session_of_this_browser_alone(
    browser: Browser, other_browser: Browser, amina: str
) -> None:
    browser.sign_in(amina)
    other_browser.sign_in(amina)
    browser.client.post("/sign-out", data=dict(HIDDEN.findall(browser.get("/sign-out").text)))
    assert not browser.signed_in
    assert other_browser.signed_in
    assert other_browser.get("/dashboard").status_code != 303


def test_a_page_of_another_site_cannot_sign_a_person_out(browser: Browser, amina: str) -> None:
    browser.sign_in(amina)
    for form in ({}, {"proof": "0" * 64}):
        answer = browser.client.post("/sign-out", data=form)
        assert answer.status_code == 403
        assert "not the one that this page gave" in answer.text
    assert browser.signed_in


def test_a_wrong_password_is_refused_and_five_close_the_name_for_a_while(browser: Browser, embedded: System) -> None:
    registry = PeopleRegistry(embedded.data)
    registry.put(SigningIn("belinda", "Belinda Osei", hashed(PASSWORD), "A81001", "Practitioner/8"))
    form = browser.form(browser.begin())
    for _ in range(5):
        answer = browser.submit(form, "belinda", "another horse altogether")
        assert answer.status_code == 400
        assert "The password is not the one of this person" in answer.text
    answer = browser.submit(form, "belinda")
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.text


def test_a_name_that_is_not_there_is_answered_like_a_wrong_password(browser: Browser, amina: str) -> None:
    answer = browser.submit(browser.form(browser.begin()), "nobody-of-this-name")
    assert answer.status_code == 400
    assert "The password is not the one of this person" in answer.text


def test_the_form_of_another_browser_is_refused(browser: Browser, other_browser: Browser, amina: str) -> None:
    form = browser.form(browser.begin())
    other_browser.form(other_browser.begin())
    answer = other_browser.submit(form, amina)
    assert answer.status_code == 400
    assert "not the one that this page gave" in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("redirect_uri", "https://elsewhere.example/"), ("client_id", "somebody"), ("state", "other"), ("seal", "\u00e9")],
)
def test_a_form_that_was_changed_is_refused(browser: Browser, amina: str, name: str, value: str) -> None:
    answer = browser.submit({**browser.form(browser.begin()), name: value}, amina)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize("name", ["code_challenge", "code_challenge_method", "state", "response_type", "scope"])
def test_what_a_request_needs(browser: Browser, name: str) -> None:
    """A request without PKCE, a state or openid goes back with an error, to the registered address."""
    asked = {key: values[0] for key, values in parse_qs(urlsplit(browser.begin()).query).items()}
    del asked[name]
    answer = browser.client.get("/oauth2/authorize", params=asked)
    assert answer.status_code == 303
    back = urlsplit(answer.headers["location"])
    assert back.path == "/sign-in/callback"
    assert parse_qs(back.query)["error"] == ["invalid_request"]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/", "//elsewhere.example", "/dashboard/../..//elsewhere.example",
        "/dashboard\\elsewhere", "/dashboardx", "javascript:alert(1)", "/dashboard\r\nSet-Cookie: a=b",
    ],
)  # fmt: skip
def test_after_signing_in_a_person_stays_here(browser: Browser, amina: str, wanted: str) -> None:
    assert browser.sign_in(amina, wanted).headers["location"] == "/dashboard"


def test_a_code_is_good_once_and_in_one_browser(browser: Browser, other_browser: Browser, amina: str) -> None:
    callback = browser.submit(browser.form(browser.begin()), amina).headers["location"]
    other_browser.begin()
    stolen = other_browser.get(callback)
    assert stolen.status_code == 400
    assert "not begun in this browser" in stolen.text
    assert browser.get(callback).status_code == 303
    again = browser.get(callback)
    assert again.status_code == 400
    assert not other_browser.signed_in


def test_the_token_endpoint_refuses_a_wrong_verifier_and_a_used_code(browser: Browser, amina: str) -> None:
    callback = urlsplit(browser.submit(browser.form(browser.begin()), amina).headers["location"])
    code = parse_qs(callback.query)["code"][0]
    form = {
        "grant_type": "authorization_code", "code": code, "client_id": "tandem-pages",
        "redirect_uri": f"{browser.client.base_url}/sign-in/callback".replace("//sign-in", "/sign-in"),
        "code_verifier": "x" * 43,
    }  # fmt: skip
    for _ in range(2):
        answer = browser.client.post("/oauth2/token", data=form)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_grant"
    # A code that somebody tried to redeem is spent, for its owner too.
    assert browser.get(f"{callback.path}?{callback.query}").status_code == 400
    assert not browser.signed_in


def test_another_issuers_answer_is_refused(browser: Browser, amina: str) -> None:
    callback = browser.submit(browser.form(browser.begin()), amina).headers["location"]
    mixed = httpx.URL(callback).copy_set_param("iss", "https://elsewhere.example")
    answer = browser.get(str(mixed))
    assert answer.status_code == 400
    assert "another sign-in service" in answer.text


def test_a_session_that_was_made_up_is_nobodys(browser: Browser, amina: str) -> None:
    browser.sign_in(amina)
    genuine = browser.client.cookies["tandem-session"]
    payload, _, signature = genuine.partition(".")
    for forged in (f"{payload}x.{signature}", f"{payload}.", payload, "", f"{payload}.{signature[:-2]}AA"):
        browser.client.cookies.clear()
        browser.client.cookies.set("tandem-session", forged)
        assert browser.get("/dashboard").status_code == 303
        assert not browser.signed_in


def test_no_page_lets_a_browser_ask_another_host(browser: Browser, amina: str) -> None:
    for page in (browser.get(browser.begin()), browser.get("/sign-out"), browser.get("/sign-in/callback")):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy, "nothing but the default: no scripts at all"
        assert "<script" not in page.text
        assert not re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//", page.text)
        assert page.headers["cache-control"] == "no-store"


def test_discovery_says_what_there_is(browser: Browser) -> None:
    document = browser.get("/.well-known/openid-configuration").json()
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    assert urlsplit(document["authorization_endpoint"]).path == "/oauth2/authorize"
    assert browser.get(urlsplit(document["jwks_uri"]).path).json()["keys"]
