"""Who may record and who may read figures and lists of networks; commissioners do so for their area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.networks.organisations import Organisation, commissions, networks_of
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import today_number
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def is_commissioner_of(call: OperationCall, connection: Connection, about: Organisation, day: int) -> bool:
    """Whether the caller commissions the organisation, or is that commissioner itself; not before it does so."""
    caller, day = call.request.caller.organisation, min(day, today_number(call))
    if await kind_of_caller(connection, caller) != COMMISSIONER:
        return False
    return caller == about.code or await commissions(connection, caller, about, day)


async def may_read(call: OperationCall, connection: Connection, about: Organisation, day: int) -> bool:
    """The organisation itself, its network, its commissioner, an operator or one of our services.

    A day to come opens nothing today to a network that a practice will join on it.
    """
    caller, day = call.request.caller, min(day, today_number(call))
    if caller.sees_all or caller.organisation == about.code:
        return True
    if caller.organisation in await networks_of(connection, about.code, day):
        return True
    return await is_commissioner_of(call, connection, about, day)


async def must_read(call: OperationCall, connection: Connection, about: Organisation, day: int) -> None:
    """Raises FhirError 404 for who may not read: it is as if there were nothing."""
    if not await may_read(call, connection, about, day):
        raise FhirError(Kind.NOT_FOUND, "There is nothing here for this organisation")


async def must_record(
    call: OperationCall, connection: Connection, about: Organisation, day: int, *, itself: bool = True
) -> None:
    """`itself`: whether the organisation may record it of itself, beside its commissioner and an operator.

    Raises FhirError 403.
    """
    caller = call.request.caller
    if caller.sees_all or (itself and caller.organisation == about.code):
        return
    if not await is_commissioner_of(call, connection, about, day):
        who = "the organisation itself, its commissioner" if itself else "its commissioner"
        raise FhirError(Kind.FORBIDDEN, f"This is recorded by {who} or an operator")


async def own_network(call: OperationCall, connection: Connection, what: str) -> str:
    """The code of the network that decides `what` ("which cohorts it takes on") for itself: the caller's own.

    An operator names it as `organisation`. Raises FhirError 400, and 403 for everybody else.
    """
    caller = call.request.caller
    organisation = code_parameter(call, "organisation") or caller.organisation
    if organisation != caller.organisation and not caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, f"A network itself decides {what}; only an operator does so for another")
    if await kind_of_caller(connection, organisation) != NETWORK:
        raise FhirError(Kind.FORBIDDEN, f"Only a primary care network decides {what}")
    return organisation
