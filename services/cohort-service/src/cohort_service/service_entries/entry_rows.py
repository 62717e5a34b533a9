"""The rows of entries, and what is shown of them with the lists that a person was on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cohort_service.domain.service_entries import ACTIVATION, Kind, causes, entries_of
from tandem.database.connection import Connection, Row
from tandem.events.event import Event
from tandem.london_days import date_of, day_at
from tandem.record_facts.fact import UNDATED
from tandem.service import Work


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry of a person; `services` caused it, `value` is the score of an activation measure."""

    kind: Kind
    reference: str
    title: str
    status: str
    day: int | None
    value: float | None
    services: Sequence[str]


async def follow_plan(event: Event, work: Work) -> None:
    """Put what this version of a CarePlan says in place of what the one before said."""
    connection, reference = work.connection, f"CarePlan/{event.resource_id}"
    await connection.execute("DELETE FROM service_entry WHERE reference = $1", reference)
    if event.data is None or event.patient is None:
        return
    await connection.executemany(
        "INSERT INTO service_entry (reference, place, patient, kind, title, status, day, service)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (reference, place, event.patient, each.kind, each.title, each.status, each.day, each.service)
            for place, each in enumerate(entries_of(event.data))
        ],
    )  # fmt: skip


async def entries_with_causes(
    connection: Connection, patient: str, stays: Sequence[Row], services: Mapping[str, str]
) -> list[KeptEntry]:
    """Every entry of the person, by kind and day. `stays` are all rows of `group_member`, also those that ended;
    `services` gives the service of each cohort."""
    rows = await connection.fetch(
        "SELECT reference, kind, title, status, day, service, NULL AS value FROM service_entry WHERE patient = $1"
        " ORDER BY reference, place", patient,
    )  # fmt: skip
    scores = await connection.fetch(
        "SELECT r.reference, f.starts AS day, f.value, c.display FROM fact f JOIN person p ON p.number = f.person"
        " JOIN concept c ON c.number = f.concept JOIN record r ON r.number = f.record"
        " WHERE p.patient = $1 AND c.system = $2 AND c.code = $3 ORDER BY f.starts, r.reference",
        patient, *ACTIVATION,
    )  # fmt: skip
    found = [_kept(row, stays, services) for row in rows]
    for row in scores:
        day = row["day"] if row["day"] > UNDATED else None
        made_by = causes("pam", None, _lists_on(day, stays, services))
        title = row["display"] or "Patient Activation Measure"
        found.append(KeptEntry("pam", row["reference"], title, "final", day, row["value"], made_by))
    return found


def entry_parameter(entry: KeptEntry) -> dict[str, Any]:
    """One `entry`: its `kind`, `record`, `title`, `status`, `date`, `value`, and each `service` that caused it."""
    parts: list[dict[str, Any]] = [
        {"name": "kind", "valueCode": entry.kind},
        {"name": "record", "valueReference": {"reference": entry.reference}},
        {"name": "title", "valueString": entry.title},
        {"name": "status", "valueCode": entry.status},
    ]
    if entry.day is not None:
        parts.append({"name": "date", "valueDate": date_of(entry.day).isoformat()})
    if entry.value is not None:
        parts.append({"name": "value", "valueDecimal": entry.value})
    parts += [{"name": "service", "valueCode": each} for each in entry.services]
    return {"name": "entry", "part": parts}


def _kept(row: Row, stays: Sequence[Row], services: Mapping[str, str]) -> KeptEntry:
    kind, day = cast(Kind, row["kind"]), row["day"]
    made_by = causes(kind, row["service"], _lists_on(day, stays, services))
    return KeptEntry(kind, row["reference"], row["title"], row["status"], day, None, made_by)


def _lists_on(day: int | None, stays: Sequence[Row], services: Mapping[str, str]) -> set[str]:
    """The services of the lists on which the person was on the day; of an undated entry, of every list there was."""
    return {
        services[row["cohort"]] for row in stays
        if row["cohort"] in services
        and (day is None or (day_at(row["since"]) <= day and (row["until"] is None or day < day_at(row["until"]))))
    }  # fmt: skip
