"""Whether a person may be erased: not while they are cared for, not under a legal hold, and not before the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cohort_service.erasure.order_rows import hold_on
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import date_of, london_date
from tandem.record_facts.days import last_day_of
from tandem.retention.policy import Ended, retention_ended
from tandem.retention.tombstones import is_erased


@dataclass(frozen=True, slots=True)
class Held:
    """A Patient as it is held here: the newest body, the practice it is registered with, the days that count."""

    resource: Resource
    registered: bool
    died: date | None
    left: date | None

    def ended(self, today: date) -> Ended | None:
        """By which rule the records are no longer kept, if any."""
        return retention_ended(self.died, self.left, today)


async def held(connection: Connection, patient: str) -> Held:
    """The person, also one whose Patient was deleted. Raises FhirError 404 when there is none, 410 when erased."""
    row = await connection.fetchrow(
        "SELECT l.body, k.practice, p.died, p.left_on FROM log l LEFT JOIN patient k ON k.id = l.resource_id"
        " LEFT JOIN person p ON p.patient = l.resource_id WHERE l.type = 'Patient' AND l.resource_id = $1"
        " AND l.body IS NOT NULL ORDER BY l.version DESC LIMIT 1", patient,
    )  # fmt: skip
    if row is None and await is_erased(connection, patient):
        raise FhirError(Kind.GONE, "The Patient of this id was erased")
    if row is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such Patient")
    resource = decode(row["body"])
    known, left = (None if row[name] is None else date_of(row[name]) for name in ("died", "left_on"))
    died = day_of_death(resource, known)
    alive = died is None and resource.get("deceasedBoolean") is not True
    registered = alive and resource.get("active") is not False and row["practice"] is not None
    return Held(resource, registered, died, left)


def day_of_death(patient: Resource, known: date | None) -> date | None:
    """The day from which the years count: of a death without a day or month the last that it may mean, since nothing
    goes too early; of one without a date the day that is `known`, on which it was first said."""
    if (text := patient.get("deceasedDateTime")) is not None:
        return date_of(last_day_of(str(text)))
    return known if patient.get("deceasedBoolean") is True else None


async def refuse_unless_allowed(
    connection: Connection, patient: str, person: Held, grounds: str, now: datetime
) -> None:  # fmt: skip
    """Raises FhirError 409 under a legal hold or while the person is registered, 422 before their retention ended."""
    if await hold_on(connection, patient) is not None:
        raise FhirError(Kind.CONFLICT, "A legal hold stands on these records: release it first")
    if person.registered:
        raise FhirError(Kind.CONFLICT, "This person is alive and registered with a practice: their care is ongoing")
    if grounds == "retention-ended" and person.ended(london_date(now)) is None:
        raise FhirError(Kind.BUSINESS_RULE, "The retention of these records has not ended", expression="grounds")


def refuse_open_care(person: Held, care: dict[str, int]) -> None:
    """Raises FhirError 409 while somebody who is not known to have died has open work."""
    alive = person.died is None and person.resource.get("deceasedBoolean") is not True
    if alive and care:
        named = ", ".join(f"{number} {kind}" for kind, number in sorted(care.items()))
        raise FhirError(Kind.CONFLICT, f"Care is ongoing: {named} still open")
