"""The catalogue of duties and the chasing policy that the service ships with."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from mdt_service.domain.duties.catalogue import Catalogue, catalogue_of
from mdt_service.domain.duties.chasing import ChasingPolicy, policies_of, policy_on
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue of `catalogue.yaml`."""
    return catalogue_of(_read("catalogue.yaml"))


@lru_cache(maxsize=1)
def chasing_policies() -> tuple[ChasingPolicy, ...]:
    """The versions of `chasing.yaml`."""
    return policies_of(_read("chasing.yaml"))


def chasing_policy(day: date) -> ChasingPolicy:
    """The version in force on a day."""
    return policy_on(chasing_policies(), day)


def _read(name: str) -> Any:
    return load_yaml((files("mdt_service.duties") / name).read_text(encoding="utf-8"))
