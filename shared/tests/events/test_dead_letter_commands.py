"""The commands of dead letters take the address of the broker and of a database from a process's settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tandem.cli.main import main

LIST = ["events", "broker-dead-letters", "list"]


def test_the_broker_named_in_a_file(tmp_path: Path) -> None:
    """As in containers, where no password stands in the environment."""
    (tmp_path / "amqp-url").write_text("amqp://somebody:secret@127.0.0.1:9/%2F\n")
    answer = CliRunner().invoke(main, LIST, env={"TANDEM_AMQP_URL_FILE": f"{tmp_path}/amqp-url"})
    assert (answer.exit_code, "the broker cannot be reached" in answer.output) == (1, True)
    assert "secret" not in answer.output


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "give --amqp-url, or set TANDEM_AMQP_URL or TANDEM_AMQP_URL_FILE"),
        ({"TANDEM_AMQP_URL_FILE": "/nowhere"}, "TANDEM_AMQP_URL_FILE"),
        ({"TANDEM_AMQP_URL": "http://127.0.0.1"}, "TANDEM_AMQP_URL must be"),
    ],
)
def test_no_broker(environment: dict[str, str], said: str) -> None:
    answer = CliRunner().invoke(main, LIST, env=environment)
    assert (answer.exit_code != 0, said in answer.output) == (True, True), answer.output


def test_rebuilding_finds_the_database_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "database-url").write_text(f"sqlite:///{tmp_path}/none/mdt-service.sqlite")
    environment = {"TANDEM_DATABASE_URL_FILE": f"{tmp_path}/database-url"}
    answer = CliRunner().invoke(main, ["rebuild", "mdt-service", "--what", "followers"], env=environment)
    assert "nothing follows the log of mdt-service" in answer.output
    answer = CliRunner().invoke(main, ["rebuild", "mdt-service", "--what", "followers"])
    assert "give either --data or --database-url" in answer.output


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["events", "dead-letters", "list", "--data", str(tmp_path)])
    assert (answer.exit_code, "there is no database at" in answer.output) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer() -> None:
    url = "postgresql://mdt:secret@127.0.0.1:9/mdt"
    command = ["events", "dead-letters", "list", "--service", "mdt-service", "--database-url", url]
    answer = CliRunner().invoke(main, command)
    assert (answer.exit_code, "cannot be opened: DatabaseUnavailable" in answer.output) == (1, True)
    assert "secret" not in answer.output
