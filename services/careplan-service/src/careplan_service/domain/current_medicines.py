"""A person's current medicines: of each medicine the newest statement, when that one is active.

So a statement that a medicine was stopped takes it off the list, and one entered in error says nothing.
http://hl7.org/fhir/R4/valueset-medication-statement-status.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tandem.canonical import DMD, SNOMED_CT
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds

_ONE_CODING = {DMD: "dm+d", SNOMED_CT: "dm+d"}


def current_medicines(statements: Iterable[Resource], now: int) -> list[Resource]:
    """The statements that hold at `now` (microseconds), one a medicine. Any order gives the same."""
    newest: dict[tuple[str, str], Resource] = {}
    for statement in sorted(statements, key=_age):
        if statement.get("status") != "entered-in-error":
            newest[medicine(statement)] = statement
    return [newest[key] for key in sorted(newest) if _is_taken(newest[key], now)]


def medicine(statement: Resource) -> tuple[str, str]:
    """What it is about: system and code (SNOMED CT and dm+d are one), else the text, else what it refers to."""
    concept = statement.get("medicationCodeableConcept") or _contained(statement) or {}
    codings = [coding for coding in concept.get("coding") or () if coding.get("code")]
    codings.sort(key=lambda coding: coding.get("system") not in _ONE_CODING)
    if codings:
        system = str(codings[0].get("system") or "")
        return _ONE_CODING.get(system, system), str(codings[0]["code"])
    if concept.get("text"):
        return "text", " ".join(str(concept["text"]).casefold().split())
    reference = (statement.get("medicationReference") or {}).get("reference")
    return ("reference", str(reference)) if reference else ("statement", str(statement.get("id")))


def _contained(statement: Resource) -> dict[str, Any] | None:
    reference = str((statement.get("medicationReference") or {}).get("reference") or "")
    for resource in statement.get("contained") or ():
        if reference == f"#{resource.get('id')}":
            code: dict[str, Any] | None = resource.get("code")
            return code
    return None


def _age(statement: Resource) -> tuple[int, int, str]:
    """How new it is: dateAsserted, else when its effect begins; two of one date in the order they were written."""
    period = statement.get("effectivePeriod") or {}
    dates = (statement.get("dateAsserted"), statement.get("effectiveDateTime"), period.get("start"))
    written = bounds(str(statement["meta"]["lastUpdated"]))[0]
    told = next((bounds(str(each))[0] for each in dates if each), written)
    return told, written, str(statement.get("id"))


def _is_taken(statement: Resource, now: int) -> bool:
    end = (statement.get("effectivePeriod") or {}).get("end")
    return statement.get("status") == "active" and (end is None or bounds(str(end))[1] > now)
