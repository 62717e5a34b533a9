"""The people of lists with where the offer to each of them stands: counted, and named in the order of offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cohort_service.lists.group_access import seen_people
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PEOPLE = """
WITH listed AS (
  SELECT m.patient, MAX(m.priority) AS priority, MAX(m.rank) AS rank, MIN(m.since) AS since
  FROM group_member m JOIN patient p ON p.id = m.patient AND p.deleted = 0
  WHERE m.until IS NULL AND m.cohort {cohorts} AND p.practice {practices} AND {seen}
  GROUP BY m.patient
), offered AS (
  SELECT l.patient, l.priority, l.rank, l.since, COALESCE(o.status, 'not-offered') AS status, o.day, o.offered_day,
    o.communication
  FROM listed l LEFT JOIN offer_progress o ON o.patient = l.patient AND o.service = $3
)"""
_ORDER = "ORDER BY priority DESC, rank DESC, since, patient"


@dataclass(slots=True)
class ListedPeople:
    """The people who are on any of these lists at these practices, each once; `everybody` looks past who may see whom,
    for figures only."""

    call: OperationCall
    connection: Connection
    service: str
    cohorts: Sequence[str]
    practices: Sequence[str]
    everybody: bool = False
    _params: list[Any] = field(default_factory=list)

    def _people(self) -> str:
        dialect = self.connection.dialect
        self._params = [array(dialect, self.cohorts), array(dialect, self.practices), self.service]
        return _PEOPLE.format(
            cohorts=among(dialect, "$1", "text"), practices=among(dialect, "$2", "text"),
            seen="1=1" if self.everybody else seen_people(self.call, "m", self._params),
        )  # fmt: skip

    async def counts(self, since: int) -> dict[str, tuple[int, int]]:
        """Status -> people, and how many of them were offered something on day `since` or later."""
        people = self._people()
        rows = await self.connection.fetch(
            f"{people} SELECT status, COUNT(*) AS n, SUM(CASE WHEN offered_day >= ${len(self._params) + 1} THEN 1"
            " ELSE 0 END) AS offered FROM offered GROUP BY status",
            *self._params, since,
        )  # fmt: skip
        return {row["status"]: (row["n"], int(row["offered"] or 0)) for row in rows}

    async def with_status(self, status: str, count: int, offset: int) -> Sequence[Row]:
        """A page of those whose offer stands there: `patient`, `status`, `day`, `communication`."""
        people = self._people()
        place = len(self._params)
        return await self.connection.fetch(
            f"{people} SELECT patient, status, day, communication FROM offered WHERE status = ${place + 1} {_ORDER}"
            f" LIMIT ${place + 2} OFFSET ${place + 3}",
            *self._params, status, count, offset,
        )  # fmt: skip
