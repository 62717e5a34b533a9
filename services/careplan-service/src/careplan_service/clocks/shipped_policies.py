"""The policies that the service ships with, and which lists and assessments they look at."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from careplan_service.domain.assessments.kinds import ASSESSMENTS
from careplan_service.domain.clocks.policy import Policy, policies_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def policies() -> tuple[Policy, ...]:
    """The policies of `policies.yaml`."""
    return policies_of(load_yaml((files("careplan_service.clocks") / "policies.yaml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def followed_lists() -> frozenset[str]:
    """The cohorts on whose lists a clock depends."""
    named = (name for each in policies() for name in (each.list, each.first))
    return frozenset(name for name in named if name is not None)


@lru_cache(maxsize=1)
def followed_assessments() -> frozenset[str]:
    """The Questionnaires of assessments that stop a clock."""
    return frozenset(ASSESSMENTS) & frozenset().union(*(each.stops for each in policies()))


@lru_cache(maxsize=1)
def kinds() -> tuple[str, ...]:
    """The kinds of clock there are, in the order of the file."""
    return tuple(dict.fromkeys(each.kind for each in policies()))
