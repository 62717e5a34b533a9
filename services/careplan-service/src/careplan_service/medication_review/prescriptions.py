"""What cohort-service says is prescribed, read when a review is opened and when it is completed (SMR-001, SMR-021)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from careplan_service.domain.medication_review.medicine_records import ORDERED
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode, encode

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PROPOSED = ("proposal", "option")
_AT_ONCE = 50


async def prescribed_now(call: OperationCall, patient: str, medications: Iterable[str]) -> list[Resource]:
    """The person's MedicationRequests to be taken, and the Medications that they and `medications` (references) name.

    Read with the caller's own token, outside any transaction. Raises FhirError 403 without the scope, 503.
    """
    neighbours, asked = call.kernel.neighbours, f"patient=Patient/{patient}&status={','.join(ORDERED)}"
    found = await neighbours.searchset(
        "cohort-service", f"MedicationRequest?{asked}&_include=MedicationRequest:medication", call.request
    )
    kept = [each for each in found if each["resourceType"] != "MedicationRequest" or each["intent"] not in _PROPOSED]
    held = {f"{each['resourceType']}/{each['id']}" for each in kept}
    wanted = sorted({each.removeprefix("Medication/") for each in medications} - {_id(each) for each in held})
    for begin in range(0, len(wanted), _AT_ONCE):
        ids = ",".join(wanted[begin : begin + _AT_ONCE])
        kept += await neighbours.searchset("cohort-service", f"Medication?_id={ids}", call.request)
    return kept


async def keep_prescriptions(connection: Connection, episode: str, resources: Sequence[Resource], day: date) -> None:
    """Keep what was read, in place of what was read before."""
    await connection.execute("DELETE FROM medication_review_prescription WHERE episode = $1", episode)
    await connection.executemany(
        "INSERT INTO medication_review_prescription (episode, reference, body) VALUES ($1, $2, $3)",
        [(episode, f"{each['resourceType']}/{each['id']}", encode(each)) for each in resources],
    )
    await connection.execute(
        "UPDATE medication_review_episode SET looked_up = $1 WHERE id = $2", day.isoformat(), episode
    )


async def kept_prescriptions(connection: Connection, episode: str) -> list[Resource]:
    """What was read last, MedicationRequests and Medications."""
    rows = await connection.fetch("SELECT body FROM medication_review_prescription WHERE episode = $1", episode)
    return [decode(bytes(row["body"])) for row in rows]


async def statements_of(connection: Connection, patient: str) -> list[Resource]:
    """Every MedicationStatement of the person that is held here."""
    rows = await connection.fetch(
        "SELECT l.body FROM resource r JOIN log l ON l.id = r.log_id WHERE r.type = 'MedicationStatement'"
        " AND r.patient = $1 AND r.deleted = 0", patient,
    )  # fmt: skip
    return [decode(bytes(row["body"])) for row in rows]


def medications_named(resources: Iterable[Resource]) -> set[str]:
    """The literal references to a Medication."""
    found = {str((each.get("medicationReference") or {}).get("reference") or "") for each in resources}
    return {each.partition("/_history/")[0] for each in found if each.startswith("Medication/")}


def _id(reference: str) -> str:
    return reference.partition("/")[2]
