"""Settings: what is unknown or out of range stops the start, with its name and the range."""

from __future__ import annotations

import pytest

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


def test_a_service_says_which_settings_it_lacks() -> None:
    with pytest.raises(SettingError) as refused:
        process_app("mdt-service", settings_from({}))
    for name in ("TANDEM_DATABASE_URL", "TANDEM_AMQP_URL", "TANDEM_SERVICE_KEY", "TANDEM_SERVICES", "TANDEM_ISSUER"):
        assert name in str(refused.value)
