"""Segmentation, then risk stratification, then clinical judgement (AC-007; 000 paragraph 4.4), and tiers (PCN-077).

Who is in a segment is looked at for risk; who is in both is put before a clinician. Until somebody has judged, a person
stays provisional.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cohort_service.domain.judgement import InForce

Decision = Literal["amenable", "not-amenable", "provisional"]
DECISIONS: tuple[Decision, ...] = ("amenable", "not-amenable", "provisional")


@dataclass(frozen=True, slots=True)
class StageRule:
    """The cohorts of each stage by the local approach, and the points from which a person is in the highest tier."""

    segmentation: tuple[str, ...]
    stratification: tuple[str, ...]
    highest_from: int

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> StageRule:
        """From the data file's entry. Raises KeyError when something is left out."""
        return cls(tuple(told["segmentation"]), tuple(told["stratification"]), int(told["highest_tier_from_points"]))


@dataclass(frozen=True, slots=True)
class Stages:
    """The cohorts of the first and of the second stage of a run."""

    segmentation: tuple[str, ...]
    stratification: tuple[str, ...]

    @property
    def cohorts(self) -> tuple[str, ...]:
        return tuple(sorted({*self.segmentation, *self.stratification}))


def stages_of(rule: StageRule, definitions: Collection[str], standard: Collection[str] = ()) -> Stages:
    """The stages, as far as definitions are in force; `standard` are the cohorts of a commissioner's standard approach,
    which stratify in place of the local ones (AC-035)."""
    stratifying = tuple(standard) or rule.stratification
    return Stages(
        tuple(each for each in rule.segmentation if each in definitions),
        tuple(each for each in stratifying if each in definitions),
    )


def tier_of(rule: StageRule, points: int) -> Literal["highest", "other"]:
    """The tier of a person on the list (PCN-077)."""
    return "highest" if points >= rule.highest_from else "other"


def decision_of(judged: Iterable[InForce]) -> Decision:
    """What the judgements in force of one person, a list each, decide; while there is none the person is provisional.

    Being taken off one of the lists, or called not amenable, decides against, whatever was said of the others.
    """
    words = list(judged)
    if any(each.removes or each.order < 0 for each in words):
        return "not-amenable"
    return "amenable" if any(each.adds or each.order > 0 for each in words) else "provisional"
