"""Who a network is and how the caller stands to it: the network itself, its commissioner, a member practice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics_service.scheme.parties import NOTHING
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import optional_text, today
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.memberships import holders_of, kind_of_code, members_of
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE
from tandem.nhs.financial_year import first_day, year_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class NetworkSeen:
    """A network (a code) with its member practices; `own` and `commissions` say what the caller is to it."""

    network: str
    practices: tuple[str, ...]
    own: bool
    commissions: bool


async def network_seen(call: OperationCall, connection: Connection) -> NetworkSeen:
    """The network that `network` names, the caller's own when it is left out.

    Raises FhirError 404 for everybody but the network, its member practices, its commissioner and an operator; 400
    and 422 for what is no network.
    """
    caller, value, now = call.request.caller, call.one("network"), to_micros(call.kernel.clock.now())
    network = await resolved(connection, value, "network") if value is not None else caller.organisation
    if await kind_of_code(connection, network) != NETWORK:
        if value is None and not caller.sees_all:
            raise FhirError(Kind.NOT_FOUND, NOTHING)
        raise FhirError(Kind.UNPROCESSABLE, "network names a primary care network", expression="network")
    practices = await members_of(connection, network, PRACTICE, now)
    own = caller.organisation == network
    commissions = caller.organisation in await holders_of(connection, network, COMMISSIONER, now)
    if not (own or commissions or caller.sees_all or caller.organisation in practices):
        raise FhirError(Kind.NOT_FOUND, NOTHING)
    return NetworkSeen(network, tuple(practices), own, commissions)


def must_be_network(call: OperationCall, seen: NetworkSeen) -> None:
    """Raises FhirError 403 for everybody but the network and an operator."""
    if not seen.own and not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "This is done by the network")


def must_commission(call: OperationCall, seen: NetworkSeen) -> None:
    """Raises FhirError 403 for everybody but the network's commissioner and an operator."""
    if not seen.commissions and not call.request.caller.sees_all:
        raise FhirError(Kind.FORBIDDEN, "This is done by the commissioner of the network")


def asked_year(call: OperationCall) -> str:
    """The financial year that `year` names (`2020/21`), the present one when it is left out. Raises FhirError 400."""
    given = optional_text(call, "year")
    if given is None:
        return year_of(today(call))
    try:
        first_day(given)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, "year is a financial year such as 2020/21", expression="year") from None
    return given
