"""Diagnoses of cancer, and what is known of how often the person came before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from referral_service.domain.safety_nets.codes import REVIEWED, SYMPTOMS
from referral_service.domain.safety_nets.diagnosis import Diagnosis, diagnosis_of
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.safety_nets.net_events import DIAGNOSED
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among
from tandem.fhir.body import decode, encode
from tandem.london_days import london_date
from tandem.service import Work


@dataclass(frozen=True, slots=True)
class KeptDiagnosis:
    """A diagnosis with whose it is, and the request whose net it is kept with, if any."""

    patient: str
    request: str | None
    diagnosis: Diagnosis


async def keep_diagnosis(
    work: Work, source: str, patient: str, net: NetTerms | None, detail: Mapping[str, Any]
) -> None:
    """Keep it and tell of it, with the request whose net it is recorded of, if any, and the day of the referral."""
    diagnosis = diagnosis_of(detail)
    await work.connection.execute(
        "INSERT INTO cancer_diagnosis (source, patient, request, day, at, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        source, patient, None if net is None else net.request, diagnosis.day.isoformat(), to_micros(work.now),
        encode(dict(detail)),
    )  # fmt: skip
    named = {} if net is None else {
        "request": f"ServiceRequest/{net.request}", "kind": net.kind, "referred": net.waits_since.isoformat(),
    }  # fmt: skip
    await work.emit(DIAGNOSED, {**named, **diagnosis.told()}, key=source, patient=patient)


def kept_in(row: Row) -> KeptDiagnosis:
    """The diagnosis of a row."""
    return KeptDiagnosis(row["patient"], row["request"], diagnosis_of(decode(bytes(row["detail"]))))


async def presentations_of(connection: Connection, patients: Collection[str]) -> dict[str, list[date]]:
    """The days on which each of these people came with it: every request with a net, reported symptoms, reviews."""
    found: dict[str, list[date]] = {each: [] for each in patients}
    if not found:
        return found
    condition, params = among(connection.dialect, "patient", 1, sorted(found))
    for row in await connection.fetch(f"SELECT patient, day FROM safety_net WHERE {condition}", *params):
        found[row["patient"]].append(date.fromisoformat(row["day"]))
    came = await connection.fetch(
        f"SELECT patient, happened FROM safety_net_fact WHERE kind IN ('{SYMPTOMS}', '{REVIEWED}') AND {condition}",
        *params,
    )
    for row in came:
        found[row["patient"]].append(london_date(from_micros(row["happened"])))
    return found
