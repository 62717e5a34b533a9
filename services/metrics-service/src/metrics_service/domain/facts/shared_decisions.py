"""Decisions that people and professionals made together (docs/shared-decisions.md, 000 §5.6, §5.8 m3 and m4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from metrics_service.domain.facts.answers import is_finished_answer, number_answered
from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.answers_given import answers_given
from tandem.fhir.body import Resource

_DECISION: Final = "shared-decision"
_CRITERIA: Final[Mapping[str, tuple[str, int]]] = {
    "tool": ("tool-name", 1), "options": ("options", 2), "preference": ("person-view", 1),
    "rating": ("person-rating", 1),
}  # fmt: skip
"""Criterion -> the question it asks about and the least number of answers.

One option is no choice; what mattered is always asked for, so the criterion asks for the person's own view.
"""


def read_shared_decision(response: Resource, event: Event) -> Iterable[Fact]:
    """A completed decision: `codings` its situation, `value` how the person rates it (0 to 9), `group` the response.

    Beside it a `shared-decision-quality` for each criterion: `category` its name, `value` 1 or 0.
    """
    if not is_finished_answer(response, _DECISION):
        return
    day, group = given_day(response.get("authored")), f"QuestionnaireResponse/{response.get('id')}"
    given = [each for each in answers_given(response) if any(map(_says, each.value.values()))]
    situations = ({"coding": [each.value["valueCoding"]]} for each in given if each.link_id == "situation")
    yield Fact(
        "shared-decision", day, codings=coding_texts(*situations), value=number_answered(response, "person-rating"),
        group=group,
    )  # fmt: skip
    for name, (link, least) in _CRITERIA.items():
        met = sum(each.link_id == link for each in given) >= least
        yield Fact("shared-decision-quality", day, category=name, value=float(met), group=group)


def told_shared_decision(event: Event) -> Told | None:
    """Whether a decision counts as one that is required, by the policy of its day: a `shared-decision-required`.

    `category` is the situation, `group` the response.
    """
    data = event.data or {}
    response, day = data.get("response"), given_day(data.get("date"))
    if not response or day is None or event.position is None:
        return None
    situation = str(data.get("situation") or "").partition("@")[0] or None
    facts = [Fact("shared-decision-required", day, category=situation, group=str(response))]
    return Told(
        f"shared-decision-required/{response}", event.position, event.time, event.patient,
        tuple(facts if data.get("required") else ()),
    )  # fmt: skip


def _says(value: object) -> bool:
    return not isinstance(value, str) or bool(value.strip())
