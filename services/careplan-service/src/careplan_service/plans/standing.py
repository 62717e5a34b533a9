"""Where a shared plan stands against the checklist and against the checks of the other areas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from careplan_service.domain.plan_agreement import DEAD, SECOND_PLAN
from careplan_service.domain.plans.checklist import score
from careplan_service.domain.plans.plan_facts import PlanFacts
from careplan_service.plans.activation_checks import CHECKS
from careplan_service.plans.life_rows import life
from careplan_service.plans.plan_activation import Activation
from careplan_service.plans.plan_facts import plan_facts
from careplan_service.plans.programmes import programmes_of
from careplan_service.plans.shipped_checklist import checklist
from tandem.cohort_membership.queries import lists_of
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the plan is asked for, by which of its programmes, and what is said when it is missing."""

    name: str
    programmes: tuple[str, ...]
    requirements: tuple[str, ...]
    source: str
    issues: tuple[Issue, ...]

    @property
    def present(self) -> bool:
        """Whether it is there."""
        return not self.issues


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found."""

    activation: Activation
    facts: PlanFacts
    asked: tuple[Asked, ...]

    @property
    def score(self) -> int:
        """From 0 to 100; 100 is complete."""
        return self.score_of(None)

    def score_of(self, programme: str | None) -> int:
        """The score over what one programme asks for; over everything with None."""
        counted = [each for each in self.asked if programme is None or programme in each.programmes]
        return score(sum(each.present for each in counted), len(counted))

    @property
    def missing(self) -> list[Issue]:
        """Everything that is missing: what refuses the agreement first."""
        found = [issue for each in self.asked for issue in each.issues]
        return sorted(found, key=lambda issue: issue.severity != "error")

    @property
    def refusals(self) -> list[Issue]:
        """What the plan is not agreed without."""
        return [issue for issue in self.missing if issue.severity == "error"]


async def activation_of(connection: Connection, plan: Resource, patient: str, now: datetime) -> Activation:
    """The plan with the programmes that bind it now."""
    day = london_date(now)
    lists = frozenset(await lists_of(connection, patient, day))
    return Activation(str(plan["id"]), plan, patient, programmes_of(plan, lists), lists, day, now)


async def standing_of(connection: Connection, plan: Resource, patient: str, now: datetime) -> Standing:
    """Where the plan stands now."""
    activation = await activation_of(connection, plan, patient, now)
    facts = await plan_facts(connection, activation)
    asked = [
        Asked(
            thing.name, _of(activation, thing.programmes), thing.requirements, thing.source,
            () if present else (thing.issue(activation.programmes),),
        )
        for thing, present in checklist().asked_of(facts)
    ]  # fmt: skip
    for check in CHECKS:
        if check.programme in activation.programmes:
            issues = await check.find(connection, activation)
            asked.append(Asked(check.name, (check.programme,), check.requirements, check.source, tuple(issues)))
    return Standing(activation, facts, tuple(asked))


def told_of(standing: Standing) -> dict[str, Any]:
    """What events tell of it: `score`, `checklist` (its version), and of each thing by its name whether it is there."""
    return {
        "score": standing.score, "checklist": checklist().version,
        "things": {each.name: each.present for each in standing.asked},
    }  # fmt: skip


async def person_faults(connection: Connection, plan: str, patient: str) -> list[Issue]:
    """What keeps any plan of this person from being agreed: another active one, or that the person has died."""
    faults = []
    other = "SELECT 1 FROM shared_plan WHERE patient = $1 AND status = 'active' AND id <> $2"
    if await connection.fetchval(other, patient, plan) is not None:
        faults.append(SECOND_PLAN)
    if (await life(connection, patient)).dead:
        faults.append(DEAD)
    return faults


def _of(activation: Activation, programmes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(activation.programmes.intersection(programmes)))
