"""How a membership is shown beside a member of a Group: an extension with its cause, rank and judgements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.judgement import InForce, Judgement
from cohort_service.lists.member_rows import Evidence
from tandem.canonical import BASE, ODS_CODE
from tandem.clock import from_micros, to_instant
from tandem.database.connection import Row
from tandem.london_days import date_of, day_at

MEMBERSHIP = f"{BASE}/StructureDefinition/cohort-membership"

_LEFT: dict[str, str] = {
    "rule": "The records no longer meet the definition",
    "judgement": "Taken off the list, or no longer kept on it, by a clinician's judgement",
    "died": "Died",
    "left": "No longer registered, or the record was deleted",
    "definition": "The definition was changed or is no longer in force",
}


def membership(
    row: Row, evidence: Evidence, judged: InForce, definition: CohortDefinition | None,
    reasons: Iterable[tuple[str, int]] = (), *, cohort: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The extension of a row of `group_member`; with `cohort` it names the cohort too.

    `evidence` is what `evidence_shown` gives; `definition` is the one in force; `reasons` are those of its rank that
    hold, with their points. That the list is an optional one of a network is told (PC-041).
    """
    parts: list[dict[str, Any]] = [{"url": "cohort", "valueCode": row["cohort"]}] if cohort else []
    parts += [
        {"url": "since", "valueDate": row["since_date"]},
        {"url": "definition", "valueString": row["definition"]},
        {"url": "origin", "valueCode": row["origin"]},
        {"url": "rank", "valueInteger": row["rank"]},
        *map(reason_parts, reasons),
    ]
    if definition is not None and definition.status == "optional":
        parts.append({"url": "optional", "valueBoolean": True})
    if row["until"] is not None:
        parts.append({"url": "until", "valueDate": date_of(day_at(row["until"])).isoformat()})
        parts += cause_of_leaving(row["ended_by"])
    parts += [{"url": "evidence", "extension": evidence_parts(each)} for each in evidence]
    parts += [{"url": "judgement", "extension": judgement_parts(each)} for each in judged.all]
    parts += [{"url": "suggests", "valueString": each} for each in (definition.suggests if definition else ())]
    return {"url": MEMBERSHIP, "extension": parts}


def reason_parts(reason: tuple[str, int]) -> dict[str, Any]:
    """A reason for rank as a part of an extension: its words and its points."""
    text, points = reason
    return {"url": "because", "extension": [
        {"url": "text", "valueString": text}, {"url": "points", "valueInteger": points},
    ]}  # fmt: skip


def evidence_parts(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """What one record says, as parts of an extension: reference, code and date (none for a record without one)."""
    coding = {name: entry[name] for name in ("system", "code", "display") if entry.get(name)}
    parts: list[dict[str, Any]] = [
        {"url": "reference", "valueReference": {"reference": entry["reference"]}},
        {"url": "code", "valueCoding": coding},
    ]
    return parts + ([{"url": "date", "valueDateTime": entry["date"]}] if entry.get("date") else [])


def judgement_parts(judgement: Judgement) -> list[dict[str, Any]]:
    """A judgement as parts of an extension: decision, reason, whose word it is, and until when it counts."""
    parts: list[dict[str, Any]] = [
        {"url": "decision", "valueCode": judgement.decision}, {"url": "reason", "valueString": judgement.reason},
    ]  # fmt: skip
    if judgement.reason_code is not None:
        parts.append({"url": "reasonCode", "valueCoding": judgement.reason_code})
    if judgement.tool is not None:
        parts.append({"url": "tool", "valueString": judgement.tool})
    system, separator, value = judgement.organisation.rpartition("|")
    parts += [
        {"url": "author", "valueReference": {"reference": judgement.author}},
        {"url": "organisation", "valueIdentifier": {"system": system if separator else ODS_CODE, "value": value}},
        {"url": "at", "valueInstant": to_instant(from_micros(judgement.at))},
    ]
    if judgement.until_day is not None:
        parts.append({"url": "until", "valueDate": date_of(judgement.until_day).isoformat()})
    return parts


def as_parameter(name: str, parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The same parts as a parameter of a Parameters resource."""
    return {
        "name": name,
        "part": [
            as_parameter(part["url"], part["extension"]) if "extension" in part
            else {"name": part["url"], **{key: value for key, value in part.items() if key != "url"}}
            for part in parts
        ],
    }  # fmt: skip


def cause_of_leaving(ended_by: str | None) -> list[dict[str, Any]]:
    """What ended a stay, as a code and in words; nothing while it goes on."""
    if ended_by is None:
        return []
    return [{"url": "endedBy", "valueCode": ended_by}, {"url": "reason", "valueString": _LEFT[ended_by]}]
