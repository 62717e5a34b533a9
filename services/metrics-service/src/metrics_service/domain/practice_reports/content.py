"""What a practice says in its quarterly report, beside the figures: interventions, feedback, benefits, answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

FEEDBACK_FROM: Final = ("patient", "family", "carer")


@dataclass(frozen=True, slots=True)
class Feedback:
    """What patients, families or carers said of an intervention (PCPC-096)."""

    giver: str
    text: str


@dataclass(frozen=True, slots=True)
class Intervention:
    """What was put in place, and how it goes beyond core services and the AUA scheme (PCPC-027, PCPC-095)."""

    name: str
    description: str | None
    beyond_core: str | None
    beyond_admissions_scheme: str | None
    feedback: tuple[Feedback, ...] = ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """The statements that it lacks to count as additional."""
        said = (("beyondCore", self.beyond_core), ("beyondAdmissionsScheme", self.beyond_admissions_scheme))
        return tuple(name for name, text in said if text is None)


@dataclass(frozen=True, slots=True)
class Benefit:
    """What an outcome gained, and the quality of care that was provided (PCPC-097)."""

    outcome: str
    benefit: str | None
    quality: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """By name: interventions, benefits by outcome, answers by question, statements of indicators without a figure."""

    interventions: dict[str, Intervention] = field(default_factory=dict)
    benefits: dict[str, Benefit] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    indicators: dict[str, str] = field(default_factory=dict)

    def with_intervention(self, given: Intervention) -> Content:
        """The content with an intervention in the place of the one of its name, whose feedback stays."""
        held = self.interventions.get(given.name)
        kept = replace(given, feedback=held.feedback if held is not None else ())
        return replace(self, interventions={**self.interventions, given.name: kept})

    def with_feedback(self, intervention: str, said: Feedback) -> Content:
        """The content with feedback on one of its interventions; the same feedback stands once."""
        held = self.interventions[intervention]
        if said in held.feedback:
            return self
        grown = replace(held, feedback=(*held.feedback, said))
        return replace(self, interventions={**self.interventions, intervention: grown})


def written(content: Content) -> dict[str, Any]:
    """The content as it is kept."""
    return {
        "interventions": [
            {
                "name": each.name, "description": each.description, "beyond-core": each.beyond_core,
                "beyond-admissions-scheme": each.beyond_admissions_scheme,
                "feedback": [{"from": one.giver, "text": one.text} for one in each.feedback],
            }
            for each in content.interventions.values()
        ],
        "benefits": [
            {"outcome": each.outcome, "benefit": each.benefit, "quality": each.quality}
            for each in content.benefits.values()
        ],
        "answers": content.answers, "indicators": content.indicators,
    }  # fmt: skip


def read(kept: dict[str, Any]) -> Content:
    """The content of what `written` made."""
    interventions = {
        each["name"]: Intervention(
            each["name"], each["description"], each["beyond-core"], each["beyond-admissions-scheme"],
            tuple(Feedback(one["from"], one["text"]) for one in each["feedback"]),
        )
        for each in kept["interventions"]
    }  # fmt: skip
    benefits = {
        each["outcome"]: Benefit(each["outcome"], each["benefit"], each["quality"]) for each in kept["benefits"]
    }
    return Content(interventions, benefits, dict(kept["answers"]), dict(kept["indicators"]))
