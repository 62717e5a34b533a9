"""Keys and secrets that are rotated in their files while processes use them."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from tandem.cli.main import main
from tandem.fhir.outcome import FhirError
from tandem.fhir.search.paging import sign, verify
from tandem.gateway.page_token import MergedPage, seal, unseal
from tandem.identity.key_files import KeyFiles
from tandem.identity.key_rotation import RotationRefused, prepare, retire, rotate
from tandem.identity.rotated_file import RotatedFile
from tandem.identity.rotated_secret import FileSecrets, FixedSecrets
from tandem.identity.service_tokens import SERVICE_ISSUER, ServiceTokens, service_issuer
from tandem.identity.signing import load_or_create_key
from tandem.identity.tokens import TokenVerifier
from tandem.sign_in.sealed_cookies import CookieSeal

AUDIENCE = "https://tandem.example/fhir"


class Time:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def key(tmp_path: Path) -> Path:
    load_or_create_key(tmp_path / "service-key.pem")
    return tmp_path / "service-key.pem"


def verifier(key: Path) -> TokenVerifier:
    return TokenVerifier(SERVICE_ISSUER, AUDIENCE, service_issuer(key).keys, services=True)


def become(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


async def accepts(checked: TokenVerifier, token: str) -> bool:
    try:
        await checked.verify(f"Bearer {token}")
    except FhirError:
        return False
    return True


async def test_no_token_is_refused_while_the_service_key_is_rotated(key: Path) -> None:
    checked, now = verifier(key), Time()
    tokens = ServiceTokens.from_key_file(key, AUDIENCE, "mdt-service")
    old = tokens.token()
    prepare(key)
    assert await accepts(checked, old)
    rotate(key)
    fresh = ServiceTokens.from_key_file(key, AUDIENCE, "mdt-service").token()
    assert await accepts(checked, fresh), "by a verifier that was there before"
    assert await accepts(verifier(key), old), "by one that has just started"
    retire(key, 0, now=now() + 10_000_000_000)
    assert await accepts(verifier(key), fresh)
    assert not await accepts(verifier(key), old)


def test_whoever_signs_takes_the_new_key_within_a_second(key: Path) -> None:
    now = Time()
    files = KeyFiles(key, now=now)
    before = files.signing().kid
    rotate(key)
    assert files.signing().kid == before
    now.seconds += 1
    after = files.signing().kid
    assert after != before
    assert [each["kid"] for each in files.jwks()["keys"]] == [after, before]


async def test_a_file_that_becomes_unusable_changes_nothing(key: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = Time()
    files = KeyFiles(key, now=now)
    before = files.signing()
    for broken in (b"no key", None):
        become(key, broken)
        now.seconds += 2
        with caplog.at_level(logging.WARNING):
            assert files.signing().kid == before.kid
        assert await files.key(before.kid) is not None
    assert "no key" not in caplog.text
    assert "cannot be" in caplog.text


def test_steps_out_of_turn_are_refused_and_change_nothing(key: Path) -> None:
    with pytest.raises(RotationRefused, match="there is no"):
        retire(key, 0)
    prepare(key)
    with pytest.raises(RotationRefused, match="is there already"):
        prepare(key)
    rotate(key)
    with pytest.raises(RotationRefused, match="retire it before"):
        rotate(key)
    with pytest.raises(RotationRefused, match=r"is good for another \d+ s"):
        retire(key, 360)
    held = {path.name: path.stat().st_mode & 0o777 for path in key.parent.iterdir()}
    assert held == {"service-key.pem": 0o600, "service-key.previous.pem": 0o600}
    retire(key, 0)
    key.with_name("service-key.next.pem").write_text("no key")
    before = key.read_bytes()
    with pytest.raises(RotationRefused, match="no key that can be used"):
        rotate(key)
    assert key.read_bytes() == before
    with pytest.raises(RotationRefused, match="there is no"):
        prepare(key.parent / "nowhere.pem")


def test_links_and_cookies_go_on_for_their_life(tmp_path: Path) -> None:
    path = tmp_path / "paging-key"
    path.write_text("the first secret")
    file = RotatedFile(path)
    secret = FileSecrets(lambda anew: file.contents(anew=anew), bytes)
    link = sign(secret, "Task?x", "A81001", ("1",), "next")
    merged = seal(secret, MergedPage({}), "Task?x", "A81001")
    cookie = CookieSeal(secret, "session").seal({"who": "me"}, 2_000)
    rotate(path)
    other = RotatedFile(path)
    renewed = FileSecrets(lambda anew: other.contents(anew=anew), bytes)
    for known in (secret, renewed):
        assert verify(known, link, "Task?x", "A81001").place == ("1",)
        assert unseal(known, merged, "Task?x", "A81001") == MergedPage({})
        assert CookieSeal(known, "session").unseal(cookie, 1_000) == {"who": "me", "until": 2_000}
    # Signed by a process that has seen the rotation before the other has looked.
    late = sign(renewed, "Task?y", "A81001", ("2",), "next")
    assert verify(secret, late, "Task?y", "A81001").place == ("2",)
    retire(path, 0)
    third = RotatedFile(path)
    retired = FileSecrets(lambda anew: third.contents(anew=anew), bytes)
    with pytest.raises(FhirError):
        verify(retired, link, "Task?x", "A81001")
    assert CookieSeal(retired, "session").unseal(cookie, 1_000) is None


def test_secrets_from_settings() -> None:
    first, both = FixedSecrets([b"old"]), FixedSecrets([b"new", b"old"])
    link = sign(first, "Task?x", "A81001", ("1",), "next")
    assert verify(both, link, "Task?x", "A81001").place == ("1",)
    with pytest.raises(FhirError):
        verify(first, sign(both, "Task?x", "A81001", ("1",), "next"), "Task?x", "A81001")


def test_the_commands(key: Path) -> None:
    def ran(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["keys", *arguments])
        return result.exit_code, result.output

    assert ran("prepare", str(key))[0] == 0
    code, listed = ran("status", str(key))
    assert (code, [line.split("\t")[0] for line in listed.splitlines()]) == (0, ["signs", "next"])
    assert ran("rotate", str(key))[0] == 0
    assert [line.split("\t")[0] for line in ran("status", str(key))[1].splitlines()] == ["signs", "previous"]
    code, said = ran("retire", str(key), "--life", "360s")
    assert code == 1
    assert "is good for another" in said
    assert ran("retire", str(key), "--life", "soon")[0] == 2
    assert "PRIVATE" not in listed + said
    assert ran("rotate", str(key.parent / "nowhere.pem"))[0] == 1


def test_two_rotations_at_once_wait_for_one_another(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, lock, link = key.read_bytes(), fcntl.flock, os.link
    second_waits, outcomes = threading.Event(), []

    def noting(descriptor: int, how: int) -> None:
        if threading.current_thread() is second:
            second_waits.set()
        lock(descriptor, how)

    def in_the_middle(old: Path, new: Path) -> None:
        if threading.current_thread() is not second:
            second.start()
            assert second_waits.wait(60), "the second one does not ask"
        link(old, new)

    def rotate_too() -> None:
        try:
            rotate(key)
        except RotationRefused as refused:
            outcomes.append(str(refused))

    second = threading.Thread(target=rotate_too)
    monkeypatch.setattr(fcntl, "flock", noting)
    monkeypatch.setattr(os, "link", in_the_middle)
    rotate(key)
    second.join(60)
    assert "retire it before the next rotation" in outcomes[0]
    assert (key.parent / "service-key.previous.pem").read_bytes() == first
    assert not (key.parent / "service-key.next.pem").exists()
