"""The policies of support that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from referral_service.domain.support.coordination import CoordinationPolicy, policy_of
from tandem.yaml_text import load_yaml


def coordination_policy() -> CoordinationPolicy:
    """When a provider may coordinate support offers."""
    return policy_of(_file())


def days_ahead() -> int:
    """How many days before its day a delivery of regular support is asked for."""
    return int(_file()["regular"]["days-ahead"])


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    path = files("referral_service.support") / "policies.yaml"
    read: dict[str, Any] = load_yaml(path.read_text(encoding="utf-8"))
    return read
