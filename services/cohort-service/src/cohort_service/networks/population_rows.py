"""Who is registered in a network on a day, and in which network's area each of them lives (PCN-064)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.networks.days import last_moment
from cohort_service.networks.alignments import aligned_network_sql
from tandem.database.connection import Connection, Row
from tandem.identity.access import visible
from tandem.identity.caller import Caller

_REGISTERED = f"""WITH registered AS (
  SELECT p.id AS patient, p.practice, COALESCE(
    (SELECT {aligned_network_sql("s.home", "$2")} FROM care_home_stay s WHERE s.patient = p.id AND s.home IS NOT NULL
       AND s.first_day <= $2 AND s.last_day >= $2 ORDER BY s.first_day DESC, s.reference LIMIT 1),
    (SELECT a.network FROM person_sector h JOIN sector_network a ON a.sector = h.sector AND a.first_day <= $2
      WHERE h.patient = p.id ORDER BY a.first_day DESC LIMIT 1)) AS lives_in
  FROM patient p
  WHERE p.deleted = 0 AND p.practice IN (
      SELECT m.member FROM membership m WHERE m.holder = $1 AND m.starts <= $3 AND m.ends > $3)
    AND NOT EXISTS (SELECT 1 FROM person d WHERE d.patient = p.id AND (d.died <= $2 OR d.left_on <= $2)))"""


@dataclass(frozen=True, slots=True)
class Counts:
    """People registered in a network: `here` live in its area, `elsewhere` in another's, the rest nobody knows."""

    registered: int
    here: int
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Population:
    """What a caller may see of a network's people (a code) on a day; `now_us` is the domain clock in microseconds."""

    network: str
    day: int
    caller: Caller
    now_us: int
    registered_only: bool = False

    async def counts(self, connection: Connection) -> Counts:
        """How many, each person once."""
        params, seen = self._seen()
        row = await connection.fetchrow(
            f"{_REGISTERED} SELECT COUNT(*) AS registered, SUM(CASE WHEN lives_in = $1 THEN 1 ELSE 0 END) AS here,"
            f" SUM(CASE WHEN lives_in <> $1 THEN 1 ELSE 0 END) AS elsewhere FROM registered r WHERE {seen}",
            *params,
        )
        assert row is not None, "an aggregate has a row"
        return Counts(*(int(row[name] or 0) for name in ("registered", "here", "elsewhere")))

    async def cross_boundary(self, connection: Connection, after: str, count: int) -> Sequence[Row]:
        """Those who live in another network (`patient`, `practice`, `lives_in`), by id, from beyond `after` on."""
        params, seen = self._seen()
        place = len(params) + 1
        return await connection.fetch(
            f"{_REGISTERED} SELECT r.patient, r.practice, r.lives_in FROM registered r WHERE r.lives_in <> $1"
            f" AND {seen} AND r.patient > ${place} ORDER BY r.patient LIMIT ${place + 1}",
            *params, after, count,
        )  # fmt: skip

    def _seen(self) -> tuple[list[Any], str]:
        params: list[Any] = [self.network, self.day, last_moment(self.day)]
        seen = visible(
            self.caller, "r", params, self.now_us, resource_type="Patient", registered_only=self.registered_only
        )
        return params, seen
