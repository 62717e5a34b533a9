"""Cancers as the record has them: a Condition with its stage (http://hl7.org/fhir/R4/condition.html)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codes_in
from tandem.nhs.value_set_folder import value_sets_of

_STAGES: Final = {"13104003": "1", "60333009": "2", "50283003": "3", "2640006": "4"}
"""SNOMED CT, clinical stage I to IV: from memory, to be compared with the release that is in force."""


def read_recorded_cancer(condition: Resource, event: Event) -> Iterable[Fact]:
    """`detail` is the stage, or not-staged; `group` the Encounter in which it was diagnosed, if the record says so.

    A diagnosis that was refuted, and one that is a differential, is none.
    """
    codings = coding_texts(condition.get("code"))
    if not cancer_codings() & set(codings) or codes_in(condition.get("verificationStatus")) & _NOT_CONFIRMED:
        return
    day = given_day(condition.get("onsetDateTime")) or given_day(condition.get("recordedDate"))
    yield Fact(
        "recorded-cancer", day, detail=_stage(condition), codings=codings,
        group=(condition.get("encounter") or {}).get("reference"),
    )  # fmt: skip


@cache
def cancer_codings() -> frozenset[str]:
    """`system|code` of every cancer of the value set `cancer`."""
    [found] = [each for each in value_sets_of("metrics_service") if each.id == "cancer"]
    return frozenset(f"{member.system}|{member.code}" for member in found.members)


_NOT_CONFIRMED: Final = {"unconfirmed", "provisional", "differential", "refuted", "entered-in-error"}


def _stage(condition: Resource) -> str:
    summaries = [each.get("summary") for each in condition.get("stage") or ()]
    codes = (text.removeprefix(f"{SNOMED_CT}|") for text in coding_texts(*summaries))
    return next((_STAGES[code] for code in codes if code in _STAGES), "not-staged")
