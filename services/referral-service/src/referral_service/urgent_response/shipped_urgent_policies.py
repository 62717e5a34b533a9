"""The rules of urgent community response that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from referral_service.domain.urgent_response.clock_rule import ClockRule, rules_of
from referral_service.domain.urgent_response.eligibility import EligibilityPolicy, Word, policy_of, words_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def eligibility_policy() -> EligibilityPolicy:
    """Who is eligible."""
    return policy_of(_file()["eligibility"])


@lru_cache(maxsize=1)
def clock_rules() -> tuple[ClockRule, ...]:
    """How soon what is asked for has to be there."""
    return rules_of(_file()["clocks"])


@lru_cache(maxsize=1)
def clock_kinds() -> tuple[str, ...]:
    """The kinds of clock of urgent requests, in the order of the file."""
    return tuple(dict.fromkeys(each.kind for each in clock_rules()))


@lru_cache(maxsize=1)
def outcomes() -> tuple[Word, ...]:
    """How a clock ends; one that `serves` is a response."""
    return words_of(_file()["outcomes"])


@lru_cache(maxsize=1)
def breach_reasons() -> tuple[Word, ...]:
    """Why a clock was breached."""
    return words_of(_file()["breach-reasons"])


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    path = files("referral_service.urgent_response") / "urgent_policies.yaml"
    shipped: dict[str, Any] = load_yaml(path.read_text(encoding="utf-8"))
    return shipped
