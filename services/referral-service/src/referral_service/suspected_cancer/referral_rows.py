"""How each suspected cancer referral was judged when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referral_service.domain.suspected_cancer.judgement import Judgement, told_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class JudgedReferral:
    """`told` as `told_of` has it; `support` is the id of the ServiceRequest that was raised for extra support."""

    told: dict[str, Any]
    support: str | None


async def judged_referral(connection: Connection, request: str) -> JudgedReferral | None:
    """None for a request that was never judged."""
    row = await connection.fetchrow("SELECT judgement, support FROM cancer_referral WHERE request = $1", request)
    return JudgedReferral(decode(bytes(row["judgement"])), row["support"]) if row is not None else None


async def keep_judgement(
    connection: Connection, request: str, patient: str, judgement: Judgement, now: datetime
) -> None:  # fmt: skip
    """Keep the last judgement of a request."""
    await connection.execute(
        "INSERT INTO cancer_referral (request, patient, judged, judgement) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (request) DO UPDATE SET patient = excluded.patient, judged = excluded.judged,"
        " judgement = excluded.judgement",
        request, patient, to_micros(now), encode(told_of(judgement)),
    )  # fmt: skip


async def take_over(connection: Connection, older: str, newer: str, patient: str) -> bool:
    """Keep for a request what was kept for the one of this person that it replaces; whether there was anything."""
    kept = await connection.execute(
        "INSERT INTO cancer_referral (request, patient, judged, judgement, support)"
        " SELECT CAST($2 AS TEXT), patient, judged, judgement, support FROM cancer_referral"
        " WHERE request = $1 AND patient = $3 ON CONFLICT (request) DO NOTHING", older, newer, patient,
    )  # fmt: skip
    return kept == 1


async def keep_support(connection: Connection, request: str, support: str) -> None:
    """A request for extra support was raised for it."""
    await connection.execute("UPDATE cancer_referral SET support = $2 WHERE request = $1", request, support)
