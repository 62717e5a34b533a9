"""The policies of case management that ship with the service."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from mdt_service.domain.case_management import hospital_policy, need_levels
from mdt_service.domain.case_management.case_finding import CareProcess, process_of
from mdt_service.domain.case_management.hospital_policy import HospitalPolicy
from mdt_service.domain.case_management.need_levels import NeedLevels
from tandem.yaml_text import load_yaml


def hospital_policy_on(day: date) -> HospitalPolicy:
    """The version of `hospital_policy.yaml` in force on a day."""
    return hospital_policy.in_force(_hospital(), day)


def need_levels_on(day: date) -> NeedLevels:
    """The version of `need_levels.yaml` in force on a day."""
    return need_levels.in_force(_levels(), day)


@lru_cache(maxsize=1)
def care_processes() -> dict[str, CareProcess]:
    """The processes of `care_processes.yaml` by name."""
    return {each.name: each for each in map(process_of, _read("care_processes.yaml"))}


@lru_cache(maxsize=1)
def _levels() -> tuple[NeedLevels, ...]:
    return tuple(map(need_levels.levels_of, _read("need_levels.yaml")))


@lru_cache(maxsize=1)
def _hospital() -> tuple[HospitalPolicy, ...]:
    return tuple(map(hospital_policy.policy_of, _read("hospital_policy.yaml")))


def _read(name: str) -> Any:
    return load_yaml((files("mdt_service.case_management") / name).read_text(encoding="utf-8"))
