"""By what a person is known in one service's database: to be asked before they are erased there."""

from __future__ import annotations

from collections.abc import Iterator

from tandem.canonical import NHS_NUMBER
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.identity.former_numbers import former_numbers, numbers_of_others
from tandem.retention.redaction import Traces


async def traces_of(connection: Connection, patient: str) -> Traces:
    """The Patient's id, and the NHS numbers they have and had, as they are written.

    Without a number that is somebody else's now: what names it is about them.
    """
    known = await connection.fetchval("SELECT nhs_number FROM patient WHERE id = $1", patient)
    written = {known} if known else set()
    written |= await former_numbers(connection, patient)
    versions = await connection.fetch(
        "SELECT body FROM log WHERE type = 'Patient' AND resource_id = $1 AND body IS NOT NULL", patient
    )
    for row in versions:
        written |= set(_nhs_numbers(decode(row["body"])))
    others = await numbers_of_others(connection, patient, {_bare(each) for each in written})
    forms = {form for each in written if _bare(each) not in others for form in (each, *_forms(_bare(each)))}
    return Traces(patient, tuple(sorted(forms)))


def _nhs_numbers(person: Resource) -> Iterator[str]:
    for identifier in person.get("identifier") or ():
        if identifier.get("system") == NHS_NUMBER and isinstance(identifier.get("value"), str):
            yield identifier["value"]


def _bare(number: str) -> str:
    return number.replace(" ", "")


def _forms(number: str) -> tuple[str, ...]:
    """As it is kept, and as it is printed."""
    return (number, f"{number[:3]} {number[3:6]} {number[6:]}") if len(number) == 10 else (number,)
