"""Settings: what is unknown or out of range stops the start, with its name and the range."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tandem.cli.migrate import migrate
from tandem.runtime.process import process_app
from tandem.settings import SettingError, settings_from


def test_what_is_set_is_read_and_the_rest_has_its_default() -> None:
    settings = settings_from({
        "TANDEM_DATABASE_URL": "postgresql://mdt@localhost/mdt", "TANDEM_MAX_BODY": "4096", "HOME": "/root",
        "TANDEM_SERVICES": "cohort-service=http://cohort:8000/, mdt-service=http://mdt:8000",
        "TANDEM_PUBLIC_URL": "https://tandem.example/", "TANDEM_ISSUER": "",
    })  # fmt: skip
    assert settings.database_url == "postgresql://mdt@localhost/mdt"
    assert settings.max_body == 4096
    assert settings.services == {"cohort-service": "http://cohort:8000", "mdt-service": "http://mdt:8000"}
    assert settings.base == "https://tandem.example/fhir"
    assert settings.validator == "fhirkit"


@pytest.mark.parametrize(("name", "value", "said"), [
    ("TANDEM_DATABASE_ULR", "x", "TANDEM_DATABASE_ULR is no setting"),
    ("TANDEM_DATABASE_URL", "mysql://x", "postgresql://"),
    ("TANDEM_MAX_BODY", "0", "from 1024 to"),
    ("TANDEM_MAX_BODY", "-1", "from 1024 to"),
    ("TANDEM_POOL_SIZE", "many", "from 1 to 200"),
    ("TANDEM_VALIDATOR", "none", "fhirkit, fhir.resources"),
    ("TANDEM_SERVICES", "cohort-service", "cohort-service=http://"),
    ("TANDEM_LOG_LEVEL", "LOUD", "DEBUG, INFO"),
    ("TANDEM_LOG_FORMAT", "xml", "text, json"),
    ("TANDEM_OTLP_ENDPOINT", "collector:4318", "starts with http://"),
    ("TANDEM_TRACE_RATIO", "1.5", "a number from 0 to 1"),
    ("TANDEM_TRACE_RATIO", "nan", "a number from 0 to 1"),
    ("TANDEM_MAX_IN_FLIGHT", "0", "from 1 to 10000"),
    ("TANDEM_CALLER_RATE", "-1", "from 0 to"),
    ("TANDEM_MAX_HELD", "4096", "at least TANDEM_MAX_BODY and TANDEM_MAX_INGEST"),
    ("TANDEM_PSEUDONYM_KEY", "short", "16 characters or more"),
])  # fmt: skip
def test_a_wrong_one_is_named_with_its_range(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingError) as refused:
        settings_from({name: value})
    assert name in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("content", [
    "postgresql://mdt@localhost/mdt", "postgresql://mdt@localhost/mdt\n", "postgresql://mdt@localhost/mdt\r\n",
])  # fmt: skip
def test_a_secret_may_stand_in_a_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "url").write_bytes(content.encode())
    settings = settings_from({"TANDEM_DATABASE_URL_FILE": str(tmp_path / "url"), "TANDEM_AMQP_URL_FILE": ""})
    assert (settings.database_url, settings.amqp_url) == ("postgresql://mdt@localhost/mdt", "")


@pytest.mark.parametrize(("name", "content", "said"), [
    ("TANDEM_DATABASE_URL_FILE", b"mysql://secret", "postgresql://"),
    ("TANDEM_DATABASE_URL_FILE", b"\n", "holds something"),
    ("TANDEM_DATABASE_URL_FILE", b"\xff", "UnicodeDecodeError"),
    ("TANDEM_AMQP_URL_FILE", None, "FileNotFoundError"),
    ("TANDEM_PSEUDONYM_KEY_FILE", b"secret", "16 characters or more"),
    ("TANDEM_LOG_LEVEL_FILE", b"INFO", "is no setting"),
    ("TANDEM_FILE", b"INFO", "is no setting"),
])  # fmt: skip
def test_a_wrong_file_is_named_and_its_content_is_not(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingError) as refused:
        settings_from({name: str(path)})
    assert name in str(refused.value)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_secret_is_given_in_one_form(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("amqp://a")
    with pytest.raises(SettingError, match="TANDEM_AMQP_URL_FILE and TANDEM_AMQP_URL cannot both be set"):
        settings_from({"TANDEM_AMQP_URL": "amqp://b", "TANDEM_AMQP_URL_FILE": str(tmp_path / "url")})


def test_a_command_takes_the_database_from_the_secrets_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/mdt.sqlite\n")
    environment = {"TANDEM_DATABASE_URL_FILE": str(tmp_path / "url"), "TANDEM_TOKEN": "not a setting of a process"}
    ran = CliRunner().invoke(migrate, ["mdt-service"], env=environment)
    assert (ran.exit_code, ran.output) == (0, "mdt-service: the schema is up to date\n")
    assert (tmp_path / "mdt.sqlite").exists()


@pytest.mark.parametrize(("file", "said"), [(None, "TANDEM_DATABASE_URL_FILE"), ("nowhere", "can be read")])
def test_a_command_without_a_database_says_how_to_name_one(file: str | None, said: str) -> None:
    environment = {"TANDEM_DATABASE_URL": None, "TANDEM_DATABASE_URL_FILE": file}
    ran = CliRunner().invoke(migrate, ["mdt-service"], env=environment)
    assert ran.exit_code != 0
    assert said in ran.output


def test_a_service_says_which_settings_it_lacks() -> None:
    with pytest.raises(SettingError) as refused:
        process_app("mdt-service", settings_from({}))
    for name in ("TANDEM_DATABASE_URL", "TANDEM_AMQP_URL", "TANDEM_SERVICE_KEY", "TANDEM_SERVICES", "TANDEM_ISSUER"):
        assert name in str(refused.value)
