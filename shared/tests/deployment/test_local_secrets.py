"""Secrets of a machine of one's own: made once, each side knowing the same, and made again when that is asked for."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tandem.deployment.broker_definitions import password_hash
from tandem.deployment.local_secrets import make_secrets
from tandem.fhir.ownership import SERVICES
from tandem.runtime.services import SERVICE_NAMES
from tandem.settings import settings_from

CONSUMERS = {"mdt-service": ("fhir.Task.*",)}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in (*SERVICE_NAMES, "postgres", "rabbitmq"):
        (tmp_path / name).mkdir()
    return tmp_path


def contents(directory: Path) -> dict[str, str]:
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def agreeing(directory: Path) -> None:
    """Both sides of every password, and all holders of the key, know the same."""
    for name in SERVICE_NAMES:
        url = urlsplit((directory / name / "database-url").read_text())
        role = name.removesuffix("-service")
        assert (url.username, url.path) == (role, f"/{role}")
        assert url.password == (directory / "postgres" / role).read_text()
    definitions = json.loads((directory / "rabbitmq" / "definitions.json").read_text())
    for name, user in zip(SERVICES, definitions["users"], strict=True):
        url = urlsplit((directory / name / "amqp-url").read_text())
        assert url.username == name == user["name"]
        assert user["password_hash"] == password_hash(str(url.password))
    assert len({(directory / name / "service-key.pem").read_text() for name in SERVICE_NAMES}) == 1


def test_both_sides_know_the_same_and_no_two_have_the_same_password(directory: Path) -> None:
    make_secrets(directory, CONSUMERS)
    agreeing(directory)
    made = contents(directory)
    passwords = [made[f"postgres/{path.name}"] for path in (directory / "postgres").iterdir()]
    passwords += [made[f"{name}/broker-password"] for name in SERVICES]
    assert len(set(passwords)) == len(passwords) == 12
    assert min(map(len, passwords)) >= 32


def test_a_process_reads_what_was_made_for_it(directory: Path) -> None:
    make_secrets(directory, CONSUMERS)
    own = directory / "cohort-service"
    settings = settings_from({
        "TANDEM_DATABASE_URL_FILE": str(own / "database-url"), "TANDEM_AMQP_URL_FILE": str(own / "amqp-url"),
        "TANDEM_PSEUDONYM_KEY_FILE": str(own / "pseudonym-key"),
    })  # fmt: skip
    assert settings.database_url.startswith("postgresql://cohort:")
    assert settings.amqp_url.startswith("amqp://cohort-service:")


def test_a_second_start_changes_nothing(directory: Path) -> None:
    make_secrets(directory, CONSUMERS)
    before = contents(directory)
    make_secrets(directory, CONSUMERS)
    assert contents(directory) == before


def test_renewing_changes_one_process_and_what_the_others_must_know_of_it(directory: Path) -> None:
    make_secrets(directory, CONSUMERS)
    before = contents(directory)
    make_secrets(directory, CONSUMERS, renew=["mdt-service"])
    agreeing(directory)
    changed = {name for name, text in contents(directory).items() if before[name] != text}
    assert changed == {
        "mdt-service/database-password", "mdt-service/database-url", "mdt-service/broker-password",
        "mdt-service/amqp-url", "postgres/mdt", "rabbitmq/definitions.json",
    }  # fmt: skip


@pytest.mark.parametrize("lost", ["mdt-service", "postgres", "rabbitmq", "gateway"])
def test_a_folder_that_was_lost_is_filled_again_and_both_sides_agree(directory: Path, lost: str) -> None:
    make_secrets(directory, CONSUMERS)
    for path in (directory / lost).iterdir():
        path.unlink()
    make_secrets(directory, CONSUMERS)
    agreeing(directory)


def test_what_was_left_half_written_does_not_count(directory: Path) -> None:
    (directory / "mdt-service" / "database-password.draft").write_text("half")
    make_secrets(directory, CONSUMERS)
    agreeing(directory)
    assert not list(directory.rglob("*.draft"))


def test_a_folder_that_is_not_there_is_an_error(directory: Path) -> None:
    (directory / "postgres").rmdir()
    with pytest.raises(FileNotFoundError):
        make_secrets(directory, CONSUMERS)


def test_two_that_make_them_at_once_agree(directory: Path) -> None:
    """Each renews all passwords: without a lock the two sides of one would be of different runs."""
    barrier = threading.Barrier(4)
    failed: list[BaseException] = []

    def make() -> None:
        barrier.wait()
        try:
            for _ in range(3):
                make_secrets(directory, CONSUMERS, SERVICE_NAMES)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    agreeing(directory)
