"""The setting for pseudonyms reaches the kernel, however Tandem is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.identity.signing import load_or_create_key
from tandem.runtime.embedded import EmbeddedSystem
from tandem.runtime.process import _ServiceProcess
from tandem.settings import Settings, settings_from

KEY = "a key of sixteen or more"


@pytest.mark.parametrize(("environment", "expected"), [({"TANDEM_PSEUDONYM_KEY": KEY}, KEY.encode()), ({}, b"")])
def test_it_is_given_to_every_runtime(tmp_path: Path, environment: dict[str, str], expected: bytes) -> None:
    load_or_create_key(tmp_path / "service-key.pem")
    settings: Settings = settings_from({**environment, "TANDEM_SERVICE_KEY": str(tmp_path / "service-key.pem")})
    assert EmbeddedSystem(tmp_path, settings)._surroundings().pseudonym_key == expected
    assert _ServiceProcess("cohort-service", settings).surroundings().pseudonym_key == expected
