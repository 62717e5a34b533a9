"""The checklist and the review policy that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from careplan_service.domain.plans.checklist import Checklist, checklist_of
from careplan_service.domain.plans.review import ReviewPolicy, policy_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def checklist() -> Checklist:
    """The checklist of `checklist.yaml`."""
    return checklist_of(_read("checklist.yaml"))


@lru_cache(maxsize=1)
def review_policy() -> ReviewPolicy:
    """The intervals of `reviews.yaml`."""
    return policy_of(_read("reviews.yaml"))


def _read(name: str) -> Any:
    return load_yaml((files("careplan_service.plans") / name).read_text(encoding="utf-8"))
