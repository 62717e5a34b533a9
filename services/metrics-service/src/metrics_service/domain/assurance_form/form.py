"""What a practice says in the assurance form (003 appendix 2), and what the form still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from metrics_service.domain.practice_reports.content import Intervention
from metrics_service.domain.practice_reports.gaps import Gap

STATEMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "profileUse": ("How the list takes the practice population health profile into account", "003 appendix 2 q2a"),
    "lessonsLearned": ("Lessons learned from previous case finding, such as the AUA scheme", "003 appendix 2 q2b"),
    "healthGain": ("The potential for health gain within the available resources", "003 appendix 2 q2c"),
    "meetingForm": ("Whether the team meets face to face or otherwise", "003 appendix 2 q5b"),
    "meetingFrequency": ("How often the team meets", "003 appendix 2 q5b"),
    "membership": ("Who is a member of the team", "003 appendix 2 q5b"),
    "discussionScope": ("The scope of the discussion", "003 appendix 2 q5b"),
    "coProduction": ("How patients will be involved more in making their care plans", "003 appendix 2 q6"),
    "selfManagement": ("How their motivation to manage their own health will be raised", "003 appendix 2 q6"),
}
"""What only the practice can say: text and paragraph by name."""


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that was liaised with, and a person in it who will take part."""

    organisation: str
    individual: str


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """The template care plan, as a file that the commissioner can open."""

    title: str
    content_type: str
    data: str
    """Base64."""


@dataclass(frozen=True, slots=True)
class Form:
    """Statements by name, interventions by name, partners, and what is done with which other practice (a code)."""

    statements: Mapping[str, str] = field(default_factory=dict)
    interventions: Mapping[str, Intervention] = field(default_factory=dict)
    partners: tuple[Partner, ...] = ()
    collaborations: Mapping[str, str] = field(default_factory=dict)
    plan_template: PlanTemplate | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The register's own return as it was on `date`, by `number`; `fields` are its parameters.

    `figures` are counted as of the same day: how many people by name, None where nobody can say.
    """

    number: int
    date: str
    fields: tuple[Mapping[str, Any], ...]
    figures: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def has_list(self) -> bool:
        """Whether there is a defined list of patients: somebody is on the register (q1)."""
        return self._value("definedList") is True

    @property
    def people(self) -> int | None:
        """How many people are on the proposed register (q3)."""
        found = self._value("peopleOnRegister")
        return found if isinstance(found, int) else None

    def _value(self, name: str) -> Any:
        for each in self.fields:
            parts = {part["name"]: part for part in each.get("part") or ()}
            if parts.get("name", {}).get("valueCode") == name and "value" in parts:
                return next(value for key, value in parts["value"].items() if key != "name")
        return None


def gaps_of(form: Form, baseline: Baseline | None) -> list[Gap]:
    """Every answer that is missing, in the order of the form."""
    return list(_gaps(form, baseline))


def fault_of_approval(baseline: Baseline) -> str | None:
    """Why a form cannot be approved; None when it can."""
    if baseline.has_list:
        return None
    return "There is no defined list of patients: nobody is on the case register (003 appendix 2 q1)"


def _gaps(form: Form, baseline: Baseline | None) -> Iterator[Gap]:
    if baseline is None:
        text = "The baseline of the case register: make a return of it first, by $case-register-baseline"
        yield Gap("baseline", text, "003 appendix 2 q3")
    for name, (text, source) in STATEMENTS.items():
        if name not in form.statements:
            yield Gap(name, text, source)
    if form.plan_template is None:
        yield Gap("planTemplate", "The template care plan that will be used, attached", "003 appendix 2 q3")
    if not form.interventions:
        yield Gap("intervention", "Interventions over and above core services and the AUA scheme", "003 appendix 2 q4")
    if not form.partners:
        text = "The organisations liaised with, and the individuals in them who will take part"
        yield Gap("partner", text, "003 appendix 2 q5a")
