"""Who the professionals are, and how many people each of them oversees: "named professional/s and their respective
caseloads" (003 §3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cohort_service.case_register.entry_rows import people_on_register
from cohort_service.case_register.professional_rows import assignments_of
from tandem.database.connection import Connection
from tandem.fhir.body import decode
from tandem.fhir.store import load


@dataclass(frozen=True, slots=True)
class Caseload:
    """A professional by reference, with the job title, and the people on the register."""

    professional: str
    title: str | None
    people: list[str] = field(default_factory=list)


async def caseloads(connection: Connection, practice: str, day: int) -> tuple[list[Caseload], list[str]]:
    """The caseloads of a practice's register, and the people on it without a named professional."""
    people = await people_on_register(connection, practice, day)
    assigned = await assignments_of(connection, practice, people)
    by_professional: dict[str, Caseload] = {}
    for patient in people:
        if patient not in assigned:
            continue
        reference = assigned[patient].professional
        if reference not in by_professional:
            by_professional[reference] = Caseload(reference, await job_title(connection, reference))
        by_professional[reference].people.append(patient)
    without = [patient for patient in people if patient not in assigned]
    return [by_professional[each] for each in sorted(by_professional)], without


async def job_title(connection: Connection, reference: str) -> str | None:
    """What a PractitionerRole says of the role, or a Practitioner of the qualification; None when nothing does."""
    kind, _, identity = reference.partition("/")
    held = await load(connection, kind, identity)
    if held is None or held.body is None:
        return None
    body = decode(held.body)
    concepts = body.get("code") if kind == "PractitionerRole" else [
        each.get("code") or {} for each in body.get("qualification") or ()
    ]  # fmt: skip
    for concept in concepts or ():
        displays = [coding.get("display") or coding.get("code") for coding in concept.get("coding") or ()]
        title = concept.get("text") or next(filter(None, displays), None)
        if title:
            return str(title)
    return None


def caseload_parts(found: list[Caseload], without: list[str], *, people: bool) -> list[dict[str, Any]]:
    """A `professional` for each with `count`, and `without-professional`; the people themselves only if asked for."""
    shown: list[dict[str, Any]] = []
    for each in found:
        parts: list[dict[str, Any]] = [{"name": "professional", "valueReference": {"reference": each.professional}}]
        if each.title is not None:
            parts.append({"name": "title", "valueString": each.title})
        parts.append({"name": "count", "valueInteger": len(each.people)})
        if people:
            parts += [{"name": "patient", "valueReference": {"reference": f"Patient/{one}"}} for one in each.people]
        shown.append({"name": "professional", "part": parts})
    shown.append({"name": "without-professional-count", "valueInteger": len(without)})
    if people:
        shown += [
            {"name": "without-professional", "valueReference": {"reference": f"Patient/{one}"}} for one in without
        ]
    return shown
