"""The duties of `duties.yaml`: what must be looked for, how often, by when, and in which stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from cohort_service.domain.identification_duty import DutyRule
from cohort_service.domain.identification_stages import StageRule
from tandem.yaml_text import load_yaml


@dataclass(frozen=True, slots=True)
class Duty:
    """One service's duty. `must_consider` maps requirement to paragraph; `stages` is None where there are none."""

    rule: DutyRule
    source: str
    must_consider: dict[str, str] = field(default_factory=dict)
    stages: StageRule | None = None


@lru_cache(maxsize=1)
def duties() -> dict[str, Duty]:
    """The duties by service."""
    text = (files("cohort_service") / "runs" / "duties.yaml").read_text(encoding="utf-8")
    return {service: _duty(service, told) for service, told in load_yaml(text).items()}


def _duty(service: str, told: dict[str, Any]) -> Duty:
    rule = DutyRule(
        service, told["begins"], told.get("every_months"), told.get("first_by"), told.get("tolerance_days", 0),
        told.get("notice_days", 0),
    )  # fmt: skip
    stages = told.get("stages")
    return Duty(rule, told["source"], dict(told["must_consider"]), StageRule.of(stages) if stages else None)
