"""The policy of readers and the exclusions that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from careplan_service.domain.enriched_summary.readers import Readers, readers_of
from careplan_service.domain.enriched_summary.sensitive import Sensitive, sensitive_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def readers() -> Readers:
    """The policy of `readers.yaml`."""
    return readers_of(_read("readers.yaml"))


@lru_cache(maxsize=1)
def sensitive() -> Sensitive:
    """The exclusions of `sensitive.yaml`."""
    return sensitive_of(_read("sensitive.yaml"))


def _read(name: str) -> Any:
    return load_yaml((files("careplan_service.enriched_summary") / name).read_text(encoding="utf-8"))
