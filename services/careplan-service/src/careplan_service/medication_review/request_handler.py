"""Tasks and ServiceRequests that ask for a medication review of a person: reactive referral (000 §2.15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from careplan_service.domain.medication_review.codes import says_review
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.fhir.body import decode, encode
from tandem.service import Work

_OPEN: Final = ("draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold", "active")


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """Who asks: `Task/x` or `ServiceRequest/x`, with its reasons as CodeableConcepts."""

    reference: str
    reasons: tuple[dict[str, Any], ...]


async def keep_request(event: Event, work: Work) -> None:
    """Keep that a review is asked for. Only from an organisation with access to the person."""
    reference, data = f"{event.type}/{event.resource_id}", event.data
    await work.connection.execute("DELETE FROM medication_review_request WHERE reference = $1", reference)
    if data is None or event.patient is None or not event.granted or not says_review(data.get("code")):
        return
    reasons = data.get("reasonCode") or []
    await work.connection.execute(
        "INSERT INTO medication_review_request (reference, patient, status, reasons, at) VALUES ($1, $2, $3, $4, $5)",
        reference, event.patient, str(data.get("status")),
        encode(reasons if isinstance(reasons, list) else [reasons]).decode(), to_micros(event.time),
    )  # fmt: skip


async def open_requests(connection: Connection, patient: str) -> Sequence[ReviewRequest]:
    """What asks for a review of the person and is not done, the oldest first."""
    words = ", ".join(f"'{each}'" for each in _OPEN)
    rows = await connection.fetch(
        f"SELECT reference, reasons FROM medication_review_request WHERE patient = $1 AND status IN ({words})"
        " ORDER BY at, reference", patient,
    )  # fmt: skip
    return [ReviewRequest(row["reference"], tuple(decode(row["reasons"].encode()))) for row in rows]
