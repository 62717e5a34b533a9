"""Invitations to cancer screening, and what came of them (000 §6.13 m2, ECD-062)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.clinical_dates import clinical_date
from tandem.nhs.value_set_folder import value_sets_of

PROGRAMMES: Final = ("breast", "bowel", "cervical")
_OFFERED: Final = {"cervical": "http://snomed.info/sct|1104621000000103"}
"""SNOMED CT: cervical cancer screening offered."""
_CAME: Final = ("completed", "final", "amended", "corrected")


def read_screening_record(record: Resource, event: Event) -> Iterable[Fact]:
    """A Procedure or Observation of a programme: `category` the programme, `detail` attended, declined or invited.

    A Procedure that was `not-done` is one that the person declined or did not come to.
    """
    codings = coding_texts(record.get("code"))
    programme = _programme(codings)
    if programme is None:
        return
    if _OFFERED.get(programme) in codings:
        detail = "invited"
    elif record.get("status") == "not-done":
        detail = "declined"
    elif record.get("status") in _CAME:
        detail = "attended"
    else:
        return
    yield Fact("screening", given_day(clinical_date(record)), category=programme, detail=detail, codings=codings)


def read_screening_invitation(communication: Resource, event: Event) -> Iterable[Fact]:
    """A Communication that is about screening, by its topic or reason, once it was sent."""
    codings = coding_texts(communication.get("topic"), *(communication.get("reasonCode") or ()))
    programme = _programme(codings)
    if programme is not None and communication.get("status") == "completed":
        day = given_day(communication.get("sent"))
        yield Fact("screening", day, category=programme, detail="invited", codings=codings)


def _programme(codings: Iterable[str]) -> str | None:
    found = set(codings)
    return next((name for name, known in _codings_by_programme().items() if known & found), None)


@cache
def _codings_by_programme() -> dict[str, frozenset[str]]:
    sets = {each.id: each for each in value_sets_of("metrics_service")}
    return {
        name: frozenset(
            (*(f"{member.system}|{member.code}" for member in sets[f"{name}-screening"].members),
             *((_OFFERED[name],) if name in _OFFERED else ()))
        )
        for name in PROGRAMMES
    }  # fmt: skip
