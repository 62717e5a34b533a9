"""What is known of a shared plan when somebody asks what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tandem.fhir.body import Resource


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan, its person and what belongs to both.

    `goals` and `expressed` are the ids of the person's goals, and of those that the person or a carer expressed; goals
    contained in the plan stand as `#id`. `answered` are linkIds of the plan's content, `affirmed` those answered yes.
    `assessments` are completed ones linked to the plan, as references, and `agencies` the codes of the organisations
    that made them. `activation_level` is the newest of the Patient Activation Measure. `voice`: the person or a carer
    wrote or said something of it.
    """

    plan: Resource
    programmes: frozenset[str] = frozenset({"PC"})
    lists: frozenset[str] = frozenset()
    goals: frozenset[str] = frozenset()
    expressed: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    affirmed: frozenset[str] = frozenset()
    voice: bool = False
    assessments: tuple[str, ...] = ()
    agencies: frozenset[str] = frozenset()
    activation_level: int | None = None
    goals_without_activity: frozenset[str] = frozenset()
    review_due: date | None = None
