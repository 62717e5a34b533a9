"""The patients that many writes at once are about, asked for in one statement instead of one each."""

from __future__ import annotations

from collections.abc import Iterable

from tandem.database.connection import Connection, Row
from tandem.fhir.compartments import PatientName
from tandem.fhir.outcome import FhirError
from tandem.fhir.patients import PatientDirectory


class KnownPatients:
    """Resolves patients for one transaction; what was found, or refused, is not asked for again."""

    def __init__(self, directory: PatientDirectory) -> None:
        self._directory = directory
        self._found: dict[tuple[str, str], str | FhirError] = {}

    async def look_up(self, connection: Connection, names: Iterable[PatientName]) -> None:
        """Find all of these that this service knows."""
        wanted: dict[str, list[str]] = {"id": [], "nhs_number": []}
        for column, value in {_key(named) for named in names}:
            wanted[column].append(value)
        for column, values in wanted.items():
            if values:
                for row in await _held(connection, column, sorted(values)):
                    self._found[column, row[column]] = row["id"]

    async def resolve(self, connection: Connection, named: PatientName) -> str:
        """The Patient.id. Raises FhirError as PatientDirectory.resolve does."""
        key = _key(named)
        found = self._found.get(key)
        if found is None:
            try:
                found = await self._directory.resolve(connection, named)
            except FhirError as error:
                found = error
            self._found[key] = found
        if isinstance(found, FhirError):
            raise found
        return found


def _key(named: PatientName) -> tuple[str, str]:
    return ("id", named.id) if named.id is not None else ("nhs_number", named.nhs_number or "")


async def _held(connection: Connection, column: str, values: list[str]) -> Iterable[Row]:
    select = "SELECT id, nhs_number FROM patient WHERE deleted = 0 AND"
    if connection.dialect == "postgresql":
        return await connection.fetch(f"{select} {column} = ANY($1::text[])", values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    return await connection.fetch(f"{select} {column} IN ({places})", *values)
