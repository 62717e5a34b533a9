"""Who may sign in at the local issuer: kept with hashed passwords, and changed by `tandem user`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tandem.cli.main import main
from tandem.identity.authorization_codes import CODE_TTL, AuthorizationCodes, AuthorizationRequest
from tandem.identity.password_attempts import MOST_WRONG, SPAN, PasswordAttempts
from tandem.identity.passwords import NOBODYS, generated, hashed, holds
from tandem.identity.people import PEOPLE_FILE, PeopleRegistry, SigningIn
from tandem.identity.pkce import challenge_of

ADD = ("--org", "A81001", "--user", "Practitioner/7", "--display", "Dr Amina Khan")
VERIFIER = "v" * 43


def tandem(*arguments: str, given: str | None = None) -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["user", *arguments], input=given)
    return answer.exit_code, answer.output


def test_a_password_is_known_by_its_hash_alone() -> None:
    kept = hashed("a horse of the synthetic kind")
    assert kept.startswith("scrypt$32768$8$3$")
    assert holds("a horse of the synthetic kind", kept)
    assert not holds("another horse altogether", kept)
    assert not holds("", NOBODYS)
    assert hashed("a horse of the synthetic kind") != kept, "salted"
    with pytest.raises(ValueError, match="12 characters"):
        hashed("short")
    assert len(generated()) == 23


def test_the_command_adds_lists_and_removes(tmp_path: Path) -> None:
    code, password = tandem("add", "amina", "--data", str(tmp_path), *ADD)
    assert code == 0
    registry = PeopleRegistry(tmp_path)
    amina = registry.find("amina")
    assert amina is not None
    assert holds(password.strip(), amina.password)
    assert password.strip() not in (tmp_path / PEOPLE_FILE).read_text()
    assert (tmp_path / PEOPLE_FILE).stat().st_mode & 0o077 == 0
    code, listed = tandem("list", "--data", str(tmp_path))
    assert listed == "amina\tA81001\tPractitioner/7\tDr Amina Khan\n"
    assert tandem("remove", "amina", "--data", str(tmp_path))[0] == 0
    assert registry.find("amina") is None, "the file is read again"
    assert tandem("remove", "amina", "--data", str(tmp_path))[0] == 1


def test_a_password_of_ones_own_comes_from_a_file(tmp_path: Path) -> None:
    code, said = tandem(
        "add", "amina", "--data", str(tmp_path), *ADD, "--password-file", "-", given="a horse of the synthetic kind\n"
    )
    assert (code, said) == (0, "")
    amina = PeopleRegistry(tmp_path).find("amina")
    assert amina is not None
    assert holds("a horse of the synthetic kind", amina.password)


@pytest.mark.parametrize(("place", "wrong"), [(0, "Amina Khan"), (2, "not a code"), (6, " ")])
def test_what_is_wrong_with_a_person_is_said(tmp_path: Path, place: int, wrong: str) -> None:
    arguments = ["amina", *ADD]
    arguments[place] = wrong
    code, said = tandem("add", *arguments, "--data", str(tmp_path))
    assert code == 2
    assert "Error:" in said
    assert not (tmp_path / PEOPLE_FILE).exists()


def test_wrong_passwords_are_forgotten_in_time() -> None:
    moment = [0.0]
    attempts = PasswordAttempts(now=lambda: moment[0])
    for _ in range(MOST_WRONG):
        assert not attempts.refused("amina")
        attempts.wrong("amina")
    assert attempts.refused("amina")
    assert not attempts.refused("belinda")
    moment[0] = SPAN
    assert not attempts.refused("amina")


def test_names_that_are_only_asked_about_push_no_wrong_password_out() -> None:
    attempts = PasswordAttempts(now=lambda: 0.0, most=2)
    for _ in range(MOST_WRONG):
        attempts.wrong("amina")
    assert not any(attempts.refused(f"nobody-{number}") for number in range(10))
    attempts.wrong("belinda")
    assert attempts.refused("amina")
    attempts.wrong("carys")
    assert not attempts.refused("amina"), "the oldest name is let go where there are more than are kept"


def test_a_code_is_good_once_for_a_minute_and_for_its_own_client() -> None:
    moment = [0.0]
    codes = AuthorizationCodes(now=lambda: moment[0])
    asked = AuthorizationRequest("pages", "https://a.example/callback", challenge_of(VERIFIER), "s", None)
    amina = SigningIn("amina", "Amina", NOBODYS, "A81001", "Practitioner/7")
    good = {"client": "pages", "redirect_uri": "https://a.example/callback", "verifier": VERIFIER}
    elsewhere = {"redirect_uri": "https://b.example/"}
    for wrong in ({"client": "other"}, elsewhere, {"verifier": "w" * 43}, {"verifier": ""}):
        code = codes.give(asked, amina)
        assert codes.take(code, **{**good, **wrong}) is None
        assert codes.take(code, **good) is None, "the first try spent it"
    code = codes.give(asked, amina)
    assert codes.take(code, **good) == (asked, amina)
    assert codes.take(code, **good) is None
    late = codes.give(asked, amina)
    moment[0] += CODE_TTL
    assert codes.take(late, **good) is None
