"""Who a practice of the scheme is and how the caller stands to it: the practice writes, its commissioner reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.memberships import commissioners_of, kind_of_code
from tandem.identity.organisations import COMMISSIONER, PRACTICE
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

NOTHING = "There is nothing here for this organisation"


@dataclass(frozen=True, slots=True)
class Seen:
    """A practice (a code) with its commissioner, whose terms are its terms. `own` says whether it is the caller."""

    practice: str
    commissioner: str | None
    own: bool
    commissions: bool


async def practice_seen(call: OperationCall, connection: Connection) -> Seen:
    """The practice that `practice` names, the caller's own when it is left out.

    Raises FhirError 404 for everybody but the practice, its commissioner, and an operator; 400 and 422 for what is no
    practice.
    """
    found = await party_of(call, connection)
    if not (found.own or found.commissions or call.request.caller.sees_all):
        raise FhirError(Kind.NOT_FOUND, NOTHING)
    return found


async def party_of(call: OperationCall, connection: Connection) -> Seen:
    """The same, whoever asks: the operation itself says what they may see."""
    caller, value = call.request.caller, call.one("practice")
    practice = await resolved(connection, value, "practice") if value is not None else caller.organisation
    if await kind_of_code(connection, practice) != PRACTICE:
        if value is None and not caller.sees_all:
            raise FhirError(Kind.NOT_FOUND, NOTHING)
        raise FhirError(Kind.UNPROCESSABLE, "practice names a GP practice", expression="practice")
    above = await commissioners_of(connection, practice, to_micros(call.kernel.clock.now()))
    own = caller.organisation == practice
    return Seen(
        practice, caller.organisation if caller.organisation in above else next(iter(above), None), own,
        not own and caller.organisation in above,
    )  # fmt: skip


async def commissioner_asked(call: OperationCall, connection: Connection) -> str | None:
    """Whose terms are meant: the commissioner itself, a practice's, or the one that an operator names.

    None where nobody commissions a practice. Raises FhirError 400, 404 and 422.
    """
    caller, value = call.request.caller, call.one("commissioner")
    if value is not None:
        named = await resolved(connection, value, "commissioner")
        above = await commissioners_of(connection, caller.organisation, to_micros(call.kernel.clock.now()))
        if named != caller.organisation and named not in above and not caller.sees_all:
            raise FhirError(Kind.NOT_FOUND, NOTHING)
        if await kind_of_code(connection, named) != COMMISSIONER:
            raise FhirError(Kind.UNPROCESSABLE, "commissioner names a commissioner", expression="commissioner")
        return named
    kind = await kind_of_caller(connection, caller.organisation)
    if kind == COMMISSIONER:
        return caller.organisation
    if kind != PRACTICE and not caller.sees_all:
        raise FhirError(Kind.NOT_FOUND, NOTHING)
    above = await commissioners_of(connection, caller.organisation, to_micros(call.kernel.clock.now()))
    return next(iter(above), None)


async def publishing_commissioner(call: OperationCall, connection: Connection) -> str:
    """The commissioner that publishes: the caller, or the one that an operator names. Raises FhirError 403."""
    caller = call.request.caller
    named = await commissioner_asked(call, connection) if caller.sees_all else caller.organisation
    if named is None or await kind_of_caller(connection, named) != COMMISSIONER:
        raise FhirError(Kind.FORBIDDEN, "This is done by a commissioner")
    if not caller.sees_all and call.one("commissioner") is not None:
        await commissioner_asked(call, connection)
    return named


def must_be_practice(call: OperationCall, seen: Seen) -> None:
    """Raises FhirError 403 for everybody but the practice and an operator."""
    if not seen.own and not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "This is done by the practice")


def must_be_commissioner(call: OperationCall, seen: Seen) -> None:
    """Raises FhirError 403 for everybody but the practice's commissioner and an operator."""
    if not seen.commissions and not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "This is done by the commissioner of the practice")
