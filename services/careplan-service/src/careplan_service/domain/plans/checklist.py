"""The checklist of a shared plan: what it holds, for which programme, and whether it is agreed without (PCPC-080).

The things are data (`careplan_service/plans/checklist.yaml`); how each is seen to be there is said here by a few words
that the file uses. Each thing binds the plans of its programmes: PC every shared plan, EHCH those of residents, AC
those of the anticipatory care list, PCPC those of Doncaster's register. Its absence refuses the agreement or is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from careplan_service.domain.plans.plan_facts import PlanFacts
from tandem.fhir.outcome import Issue

PROGRAMMES = ("PC", "EHCH", "AC", "PCPC")
_WEIGHT = ("shown", "refused")

_SEEN: Mapping[str, Callable[[PlanFacts, Any], bool]] = {
    "answered": lambda facts, links: bool(facts.answered.intersection(links)),
    "affirmed": lambda facts, links: bool(facts.affirmed.intersection(links)),
    "goals": lambda facts, kind: bool(facts.expressed if kind == "expressed" else facts.goals),
    "voice": lambda facts, _: facts.voice,
    "element": lambda facts, names: any(facts.plan.get(name) for name in names),
    "assessments": lambda facts, least: len(facts.assessments) >= least,
    "agencies": lambda facts, least: len(facts.agencies) >= least,
    "every_goal_has_activity": lambda facts, _: not facts.goals_without_activity,
    "review_date": lambda facts, _: facts.review_due is not None,
}
"""The words of `present`: any one of them that holds is enough."""
_ASKED: Mapping[str, Callable[[PlanFacts, Any], bool]] = {
    "list": lambda facts, cohort: cohort in facts.lists,
    "activation_measured": lambda facts, _: facts.activation_level is not None,
    "goals": lambda facts, _: bool(facts.goals),
}
"""The words of `when`: a thing without one is always asked for."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing. `programmes` says whether its absence is `shown` or `refused`; `missing` and `how` are words."""

    name: str
    programmes: Mapping[str, str]
    requirements: tuple[str, ...]
    source: str
    present: Mapping[str, Any]
    when: Mapping[str, Any]
    missing: str
    how: str
    expression: str

    def is_asked(self, facts: PlanFacts) -> bool:
        """Whether the plan is held to it."""
        bound = not facts.programmes.isdisjoint(self.programmes)
        return bound and all(_ASKED[word](facts, value) for word, value in self.when.items())

    def is_present(self, facts: PlanFacts) -> bool:
        """Whether it is there."""
        return any(_SEEN[word](facts, value) for word, value in self.present.items())

    def refuses(self, programmes: Iterable[str]) -> bool:
        """Whether a plan of these programmes is not agreed without it."""
        return any(self.programmes.get(programme) == "refused" for programme in programmes)

    def issue(self, programmes: Iterable[str]) -> Issue:
        """What is said when it is missing."""
        text = f"{self.missing}: {self.how} ({self.source}; {', '.join(self.requirements)})"
        refuses = self.refuses(programmes)
        return Issue(text, self.expression, code="required", severity="error" if refuses else "warning")


@dataclass(frozen=True, slots=True)
class Checklist:
    """A version of the checklist, with where it comes from."""

    version: str
    source: str
    things: tuple[Thing, ...]

    def asked_of(self, facts: PlanFacts) -> list[tuple[Thing, bool]]:
        """Every thing that the plan is held to, and whether it is there."""
        return [(thing, thing.is_present(facts)) for thing in self.things if thing.is_asked(facts)]


def checklist_of(raw: Mapping[str, Any]) -> Checklist:
    """The checklist of its file. Raises ValueError for a word that is not known here, or a name that stands twice."""
    things = tuple(_thing(each) for each in raw["things"])
    names = [thing.name for thing in things]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"stands twice: {', '.join(sorted(doubled))}")
    return Checklist(str(raw["version"]), str(raw["source"]), things)


def score(present: int, asked: int) -> int:
    """The share of what is asked for that is there, from 0 to 100, rounded down: only what is complete is 100."""
    return 100 if not asked else present * 100 // asked


def _thing(raw: Mapping[str, Any]) -> Thing:
    name, present, when, programmes = str(raw["name"]), raw["present"], raw.get("when") or {}, raw["programmes"]
    unknown = [word for word in present if word not in _SEEN] + [word for word in when if word not in _ASKED]
    unknown += [each for each in programmes if each not in PROGRAMMES]
    unknown += [each for each in programmes.values() if each not in _WEIGHT]
    if unknown or not present:
        raise ValueError(f"{name}: not known: {', '.join(map(str, unknown)) or 'present'}")
    return Thing(
        name, programmes, tuple(raw["requirements"]), str(raw["source"]), present, when, str(raw["missing"]).strip(),
        str(raw["how"]).strip(), str(raw.get("expression") or "CarePlan"),
    )  # fmt: skip
