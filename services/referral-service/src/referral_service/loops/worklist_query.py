"""The open referrals that a caller may see, narrowed by what was asked for, as parts of one statement.

A page is reached by key (when it was sent, and its id), so that the last page costs what the first does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from referral_service.domain import loop_state
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.database.places import placed
from tandem.fhir.operation_parameters import any_of, short_text, texts
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.access import visible_of_person
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.identity.reference_rights import kind_of_caller
from tandem.identity.references import PREFIX
from tandem.nhs.shipped_referral_kinds import referral_kinds

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ANSWERED: Final = f"l.stands IN ('{loop_state.ANSWERED}', '{loop_state.IN_PROGRESS}')"
SHOWN_AS: Final = (
    f"CASE WHEN l.stands = '{loop_state.WAITING}' AND l.answer_due < $1 THEN '{loop_state.LATE_ANSWER}'"
    f" WHEN {_ANSWERED} AND l.done_due < $1 THEN '{loop_state.OVERDUE}' ELSE l.stands END"
)
"""As `loop_state.shown_as`; $1 is the moment in microseconds."""
_LAST: Final = " AND (l.opened, l.request) > ({opened}, {request})"
_LARGEST_WINDOW: Final = 5000
PARAMETERS: Final = ("practice", "network", "requester", "performer")


class WorklistQuery:
    """`$1` is the moment at which lateness is judged. Raises FhirError 400 when it is made of what cannot be read."""

    def __init__(self, call: OperationCall, at: int) -> None:
        self._call = call
        self._params: list[Any] = [at]
        self._seen = ""
        self._practices: list[str] = []
        self._where = ["l.waits = 1", "l.opened <= $1"]
        self.states = any_of(call, "state", loop_state.WORKLISTS)
        self._after = _key(call)

    async def prepare(self, connection: Connection) -> None:
        """Narrow it to what was asked for, and to what the caller may see."""
        call, now = self._call, to_micros(self._call.kernel.clock.now())
        kinds = any_of(call, "kind", referral_kinds().kinds)
        if kinds:
            self._where.append(f"l.kind IN ({self._listed(kinds)})")
        for name, column in (("requester", "requester"), ("performer", "owner")):
            code = code_parameter(call, name)
            if code is not None:
                self._where.append(await self._organisation(connection, column, code))
        await self._people(connection, now)
        self._seen = visible_of_person(
            call.request.caller, "l", self._params, now, resource_type="ServiceRequest",
            registered_only=call.kernel.registered_only(),
        )  # fmt: skip

    def counted(self) -> tuple[str, list[Any]]:
        """How many there are in each state, whichever of them are to be shown."""
        where = " AND ".join([*self._where, *self._of_practices(), self._seen])
        return (
            f"SELECT {SHOWN_AS} AS state, COUNT(*) AS many FROM referral_loop l WHERE {where} GROUP BY 1",
            self._params,
        )

    async def rows(self, connection: Connection, count: int) -> list[Row]:
        """The next rows that the caller may see, one more than asked for, as far as there are so many.

        Rows are looked at in windows: a database that is asked for all at once begins with every person whom the caller
        may see.
        """
        found: list[Row] = []
        after, window = self._after, 2 * (count + 1)
        while True:
            sql, params = self._window(window, after)
            looked_at = await connection.fetch(sql, *params)
            found += [row for row in looked_at if row["seen"]]
            if len(looked_at) < window or len(found) > count:
                return found[: count + 1]
            after, window = (looked_at[-1]["opened"], looked_at[-1]["request"]), min(2 * window, _LARGEST_WINDOW)

    def _window(self, window: int, after: tuple[int, str] | None) -> tuple[str, list[Any]]:
        """The first of each practice, in the order of its index, and of these the first."""
        params, where = [*self._params], " AND ".join(self._where)
        if self.states:
            where += f" AND {SHOWN_AS} IN ({placed(params, self.states)})"
        if after is not None:
            params += after
            where += _LAST.format(opened=f"${len(params) - 1}", request=f"${len(params)}")
        params.append(window)
        ending = f"ORDER BY l.opened, l.request LIMIT ${len(params)}"
        select = f"SELECT l.*, {SHOWN_AS} AS state FROM referral_loop l WHERE {where}"
        each = [f"SELECT * FROM ({select} AND l.practice = {place} {ending}) x" for place in self._practices]
        inner = " UNION ALL ".join(each) or f"{select} {ending}"
        first = f"SELECT l.* FROM ({inner}) l {ending}"
        return f"SELECT l.*, CASE WHEN {self._seen} THEN 1 ELSE 0 END AS seen FROM ({first}) l {ending}", params

    def _of_practices(self) -> list[str]:
        return [f"l.practice IN ({', '.join(self._practices)})"] if self._practices else []

    async def _people(self, connection: Connection, now: int) -> None:
        """Of which practices; without a word of whom, the caller's own: its people, or what it is asked to do."""
        call = self._call
        practice, network = code_parameter(call, "practice"), code_parameter(call, "network")
        if practice is not None and network is not None:
            raise FhirError(Kind.BAD_REQUEST, "Give practice or network, not both", expression="practice")
        named = any(short_text(call, name) for name in PARAMETERS)
        if not named and not call.request.caller.sees_all:
            own = call.request.caller.organisation
            kind = await kind_of_caller(connection, own)
            if kind == NETWORK:
                network = own
            elif kind == PRACTICE:
                practice = own
            else:
                self._where.append(await self._organisation(connection, "owner", own))
        if network is not None:
            rows = await connection.fetch(
                "SELECT DISTINCT s.member FROM membership s WHERE s.holder = $1 AND s.starts <= $2 AND s.ends > $2"
                " AND s.member IS NOT NULL ORDER BY s.member", network, now,
            )  # fmt: skip
            # A network of nobody has no people, as a practice that there is not.
            members = [row["member"] for row in rows] or [""]
            self._practices = self._listed(members).split(", ")
        elif practice is not None:
            self._practices = self._listed([practice]).split(", ")

    async def _organisation(self, connection: Connection, column: str, code: str) -> str:
        """By code; and by `Organization/id`, should a row have kept that."""
        rows = await connection.fetch(
            f"SELECT o.id FROM directory_organisation o WHERE o.code = $1 AND EXISTS (SELECT 1 FROM referral_loop l"
            f" WHERE l.{column} = '{PREFIX}' || o.id)", code,
        )  # fmt: skip
        forms = [code, *(f"{PREFIX}{row['id']}" for row in rows)]
        return f"l.{column} IN ({self._listed(forms)})" if rows else f"l.{column} = {self._listed(forms)}"

    def _listed(self, values: Sequence[str]) -> str:
        return placed(self._params, values)


def _key(call: OperationCall) -> tuple[int, str] | None:
    """What `next` of the page before said: microseconds and an id."""
    given = texts(call, "after")
    if not given:
        return None
    opened, separator, request = given[0].partition("-")
    if len(given) > 1 or not separator or not (opened.isascii() and opened.isdecimal()) or len(opened) > 18:
        raise FhirError(Kind.BAD_REQUEST, "after is what `next` of the page before says", expression="after")
    return int(opened), request
