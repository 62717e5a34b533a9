"""Who sees what of a practice's register: the practice and its network the people, the commissioner figures only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cohort_service.domain.case_register.sources import REGISTER
from cohort_service.lists.group_access import is_in_view
from cohort_service.networks.organisations import (
    Organisation,
    networks_of,
    organisation_with_code,
    organisation_with_id,
)
from cohort_service.networks.rights import is_commissioner_of
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.derivation import hold
from tandem.identity.organisations import PRACTICE
from tandem.london_days import day_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NOTHING = "There is nothing here for this organisation"


@dataclass(frozen=True, slots=True)
class Seen:
    """The register of a practice as the caller sees it. `day` is today; `people` says whether with the people."""

    practice: Organisation
    day: int
    people: bool
    own: bool
    commissions: bool


async def register_seen(call: OperationCall, connection: Connection) -> Seen:
    """The register of `Organization/{id}`.

    Raises FhirError 404 for everybody but the practice, its network, its commissioner, and an operator; also for a
    user of theirs who leads other services than this one.
    """
    practice = await organisation_with_id(connection, call.id)
    if practice.kind != PRACTICE:
        raise FhirError(Kind.UNPROCESSABLE, "A practice has a case register")
    return await _seen(call, connection, practice)


async def register_to_change(call: OperationCall, connection: Connection) -> Seen:
    """The same, held by this transaction, for the practice and its network. Raises FhirError 403 for others."""
    seen = await register_seen(call, connection)
    must_see_people(seen)
    must_write(call, seen.people, "the practice or its network")
    await hold_register(connection, seen.practice.code)
    return seen


async def register_of_group(call: OperationCall, connection: Connection) -> Seen:
    """The register that the Group of the call proposes people for. Raises FhirError 404, commissioners included."""
    code = await connection.fetchval(
        "SELECT practice FROM cohort_group WHERE id = $1 AND cohort = $2", call.id, REGISTER
    )
    practice = await organisation_with_code(connection, code, PRACTICE)
    if practice is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such group of people for the case register")
    seen = await _seen(call, connection, practice)
    if not seen.people:
        raise FhirError(Kind.NOT_FOUND, "There is no such group of people for the case register")
    return seen


async def hold_register(connection: Connection, practice: str) -> None:
    """Be the only one who changes the register of a practice (a code) until the transaction ends."""
    await hold(connection, [f"case-register/{practice}"])


def must_see_people(seen: Seen) -> None:
    """Raises FhirError 403 for the commissioner, who sees figures, statements and sign-offs."""
    if not seen.people:
        raise FhirError(Kind.FORBIDDEN, "A commissioner sees figures of a register, and nobody who is on it")


def must_write(call: OperationCall, allowed: bool, who: str) -> None:
    """Raises FhirError 403 when `who` is somebody else."""
    if not allowed and not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, f"This is done by {who}")


async def _seen(call: OperationCall, connection: Connection, practice: Organisation) -> Seen:
    caller, day = call.request.caller, day_of(call.kernel.clock.now())
    own = caller.organisation == practice.code
    people = caller.sees_all or own or caller.organisation in await networks_of(connection, practice.code, day)
    commissions = not people and await is_commissioner_of(call, connection, practice, day)
    if not (people or commissions) or not await is_in_view(call, connection, REGISTER):
        raise FhirError(Kind.NOT_FOUND, _NOTHING)
    return Seen(practice, day, people, own, commissions)
