"""Settings from the environment: every one with its range; an unknown or wrong one stops the start with its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final


class SettingError(ValueError):
    """A setting is missing, unknown or out of range; the text names it and the range."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know. URLs have no trailing slash; sizes are bytes.

    An empty `public_url` is one that nobody has set: then clients see the address that the process listens on.
    """

    database_url: str = ""
    amqp_url: str = ""
    public_url: str = ""
    issuer: str = ""
    jwks_url: str = ""
    audience: str = ""
    issuer_data: str = ""
    oidc_url: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    service_key: str = ""
    services: dict[str, str] = field(default_factory=dict)
    validator: str = "fhirkit"
    max_body: int = 20 * 1024 * 1024
    max_resource: int = 1024 * 1024
    max_ingest: int = 64 * 1024 * 1024
    pool_size: int = 10
    max_in_flight: int = 100
    max_waiting: int = 400
    max_wait: int = 10
    max_held: int = 128 * 1024 * 1024
    max_lag: int = 5000
    max_connections: int = 1000
    transfer_seconds: int = 120
    caller_in_flight: int = 250
    caller_rate: int = 0
    caller_burst: int = 100
    max_jobs: int = 200
    caller_jobs: int = 50
    drain_seconds: int = 0
    stop_seconds: int = 25
    page_secret: str = ""
    page_secrets_accepted: tuple[str, ...] = ()
    pseudonym_key: str = ""
    subscription_hosts: str = ""
    log_level: str = "INFO"
    log_format: str = "text"
    otlp_endpoint: str = ""
    trace_ratio: float = 1.0
    keep_inbox_days: int = 30
    keep_request_days: int = 30
    keep_audit_years: int = 100

    @property
    def base(self) -> str:
        """The FHIR base URL that clients see."""
        return f"{self.public_url}/fhir"


def _size(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise ValueError("a number from 0 to 1")
    return share


def _one_of(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError("one of " + ", ".join(names))
        return text

    return read


def _url(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError("a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return text.rstrip("/")

    return read


def _secret(shortest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) < shortest:
            raise ValueError(f"a text of {shortest} characters or more")
        return text

    return read


def _texts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _services(text: str) -> dict[str, str]:
    pairs = [entry.strip().partition("=") for entry in text.split(",") if entry.strip()]
    if any(not name or not url.startswith(("http://", "https://")) for name, _, url in pairs):
        raise ValueError("a list such as cohort-service=http://cohort:8000,mdt-service=http://mdt:8000")
    return {name: url.rstrip("/") for name, _, url in pairs}


_READERS: dict[str, Callable[[str], Any]] = {
    "database_url": _url("postgresql", "postgres", "sqlite"),
    "amqp_url": _url("amqp", "amqps"),
    "public_url": _url("http", "https"),
    "issuer": _url("http", "https"),
    "jwks_url": _url("http", "https"),
    "audience": str,
    "issuer_data": str,
    "oidc_url": _url("http", "https"),
    "oidc_client_id": str,
    "oidc_client_secret": str,
    "service_key": str,
    "services": _services,
    "validator": _one_of("fhirkit", "fhir.resources"),
    "max_body": _size(1024, 1024**3),
    "max_resource": _size(1024, 64 * 1024**2),
    "max_ingest": _size(1024, 1024**3),
    "pool_size": _size(1, 200),
    "max_in_flight": _size(1, 10_000),
    "max_waiting": _size(0, 100_000),
    "max_wait": _size(1, 120),
    "max_held": _size(1024, 16 * 1024**3),
    "max_lag": _size(10, 120_000),
    "max_connections": _size(10, 100_000),
    "transfer_seconds": _size(1, 3600),
    "caller_in_flight": _size(0, 100_000),
    "caller_rate": _size(0, 1_000_000),
    "caller_burst": _size(1, 1_000_000),
    "max_jobs": _size(1, 100_000),
    "caller_jobs": _size(1, 100_000),
    "drain_seconds": _size(0, 600),
    "stop_seconds": _size(1, 600),
    "page_secret": str,
    "page_secrets_accepted": _texts,
    "pseudonym_key": _secret(16),
    "subscription_hosts": str,
    "log_level": _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    "log_format": _one_of("text", "json"),
    "otlp_endpoint": _url("http", "https"),
    "trace_ratio": _share,
    "keep_inbox_days": _size(7, 3650),
    "keep_request_days": _size(1, 3650),
    "keep_audit_years": _size(8, 200),
}
SECRETS: Final = frozenset(
    {"database_url", "amqp_url", "oidc_client_secret", "page_secret", "page_secrets_accepted", "pseudonym_key"}
)
"""What may stand in a file that `TANDEM_<NAME>_FILE` names instead, as containers are given their secrets."""
_ELSEWHERE = ("TANDEM_DATABASES", "TANDEM_TEST_", "TANDEM_SHARED", "TANDEM_REQUIRE_SERVICES", "TANDEM_BENCH_")


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `TANDEM_*`, and the files that `TANDEM_<NAME>_FILE` name for secrets.

    Raises SettingError, naming it and the range, for an unknown name, a value out of range, a file that cannot be read.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith("TANDEM_") or name.startswith(_ELSEWHERE) or text == "":
            continue
        key = name.removeprefix("TANDEM_").lower()
        if (secret := key.removesuffix("_file")) != key and secret in SECRETS:
            if environment.get(name.removesuffix("_FILE")):
                raise SettingError(f"{name} and {name.removesuffix('_FILE')} cannot both be set")
            key, text = secret, _content(name, Path(text))
        if key not in _READERS:
            raise SettingError(f"{name} is no setting of Tandem; the settings are in docs/settings.md")
        try:
            values[key] = _READERS[key](text)
        except ValueError as error:
            raise SettingError(f"{name} must be {error}") from None
    settings = Settings(**values)
    if settings.max_held < max(settings.max_body, settings.max_ingest):
        raise SettingError("TANDEM_MAX_HELD must be at least TANDEM_MAX_BODY and TANDEM_MAX_INGEST")
    return settings


def _content(name: str, path: Path) -> str:
    """What the file holds, without the end of its last line."""
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name} must be a text file that can be read ({type(error).__name__})") from None
    if not text:
        raise SettingError(f"{name} must be a file that holds something")
    return text
