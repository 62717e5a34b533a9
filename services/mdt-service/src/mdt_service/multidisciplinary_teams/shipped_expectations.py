"""The expectations that ship with the service."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.resources import files

from mdt_service.domain.multidisciplinary_teams.make_up import Expectations, expectations_of, in_force
from tandem.yaml_text import load_yaml


def expectations_on(day: date) -> Expectations:
    """The version of `expectations.yaml` in force on a day."""
    return in_force(_shipped(), day)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Expectations, ...]:
    told = (files("mdt_service.multidisciplinary_teams") / "expectations.yaml").read_text(encoding="utf-8")
    return tuple(expectations_of(each) for each in load_yaml(told))
