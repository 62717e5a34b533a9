"""Structured medication reviews and what came of them (docs/medication-review.md, 000 §2.16).

Those held here are told by careplan-service; a review that another system recorded is a Procedure of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from metrics_service.domain.facts.answers import code_answered, is_finished_answer, number_answered
from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of

_REVIEW: Final = (SNOMED_CT, "1239511000000100")
_KINDS: Final = {"initial": "initial", "follow-up-review": "follow-up"}
_OUTCOMES: Final = {"stop": "stopped", "change": "changed", "start": "started", "switch-inhaler": "inhaler-switched",
                    "continue": "continued"}  # fmt: skip
REPORTED: Final = "patient-reported"
_QUESTIONNAIRE: Final = "medication-review-outcome"


def told_medication_review(event: Event) -> Told | None:
    """A review: `category` initial or follow-up, `group` its process, `codings` how it was coded and why it was held.

    Beside it a `review-outcome` for each medicine that was decided: `category` stopped, changed, started,
    inhaler-switched or continued, `codings` the medicine, `status` found when the regime was not right as it was. A
    review that is withdrawn says nothing any more.
    """
    data = event.data or {}
    composition, _, version = str(data.get("review") or "").partition("/_history/")
    if not composition or not version.isdigit():
        return None
    source = f"medication-review/{composition}"
    if event.action == "withdrawn":
        return Told(source, int(version), event.time, event.patient, deleted=True)
    day = given_day(data.get("held")) or given_day(data.get("at"))
    group = data.get("process")
    review = Fact(
        "medication-review", day, category=_KINDS.get(str(data.get("kind")), "initial"), group=group,
        codings=coding_texts(data.get("code"), *(data.get("reasons") or ())),
    )  # fmt: skip
    outcomes = (_outcome(each, day, group) for each in data.get("medicines") or ())
    found = (review, *(each for each in outcomes if each is not None))
    return Told(source, int(version), event.time, event.patient, found)


def read_recorded_review(procedure: Resource, event: Event) -> Iterator[Fact]:
    """A structured medication review that another system recorded; `category` recorded, because it does not say which.

    The Procedure of a review that was held here names its report, and is told by its own event.
    """
    named = {(system, code) for system, code, _ in codings_of(procedure.get("code"))}
    if _REVIEW not in named or procedure.get("status") != "completed" or procedure.get("report"):
        return
    day = given_day(procedure.get("performedDateTime") or (procedure.get("performedPeriod") or {}).get("start"))
    yield Fact("medication-review", day, category="recorded", codings=coding_texts(procedure.get("code")))


def read_reported_outcome(response: Resource, event: Event) -> Iterable[Fact]:
    """What the person says came of a review: `value` from 0 to 10, `detail` side effects, `group` the process."""
    if not is_finished_answer(response, _QUESTIONNAIRE):
        return
    processes = (str(each.get("reference")) for each in response.get("basedOn") or () if each.get("reference"))
    yield Fact(
        "review-outcome", given_day(response.get("authored")), category=REPORTED,
        detail=code_answered(response, "side-effects"), value=number_answered(response, "better-off"),
        group=next(processes, None),
    )  # fmt: skip


def _outcome(medicine: Any, day: int | None, group: str | None) -> Fact | None:
    category = _OUTCOMES.get(str((medicine or {}).get("decision")))
    if category is None:
        return None
    status = "right" if category == "continued" else "found"
    concepts = (medicine.get("medicine"), medicine.get("taken"))
    return Fact("review-outcome", day, status=status, category=category, codings=coding_texts(*concepts), group=group)
