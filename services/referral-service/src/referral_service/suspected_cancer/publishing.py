"""Who publishes what for which area, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.suspected_cancer.area import area_of_organisation
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def commissioner_publishing(call: OperationCall, connection: Connection) -> str:
    """The commissioner (code) for whose area the caller publishes; empty for everywhere.

    An operator publishes for everywhere, or for the commissioner named as `area`; a commissioner for its own area.
    Raises FhirError 400, 403, 422.
    """
    caller, named = call.request.caller, code_parameter(call, "area")
    if caller.sees_all:
        if named is not None and await kind_of_caller(connection, named) != COMMISSIONER:
            raise FhirError(Kind.UNPROCESSABLE, "area is a commissioner", expression="area")
        return named or ""
    own = await kind_of_caller(connection, caller.organisation)
    if own != COMMISSIONER or named not in (None, caller.organisation):
        raise FhirError(Kind.FORBIDDEN, "Criteria are published by a commissioner, for its own area, or by an operator")
    return caller.organisation


async def network_publishing(call: OperationCall, connection: Connection) -> str:
    """The network (code) that the caller publishes for: itself, or for an operator the one named as `network`.

    Raises FhirError 400, 403, 422.
    """
    caller, named = call.request.caller, code_parameter(call, "network")
    if not caller.sees_all and named not in (None, caller.organisation):
        raise FhirError(Kind.FORBIDDEN, "A network publishes its own protocol (000 §6.2 b1, ECD-003)")
    network = named or caller.organisation
    if await kind_of_caller(connection, network) != NETWORK:
        if caller.sees_all:
            raise FhirError(Kind.UNPROCESSABLE, "network is the code of a network", expression="network")
        raise FhirError(Kind.FORBIDDEN, "A protocol is published by a network (000 §6.2 b1, ECD-003)")
    return network


async def area_publishing(call: OperationCall, connection: Connection) -> str:
    """The network or commissioner (code) whose pathways the caller sets: its own, or of a network below it.

    Raises FhirError 400, 403, 422.
    """
    caller, named = call.request.caller, code_parameter(call, "area")
    area = named or caller.organisation
    kind = await kind_of_caller(connection, area)
    if caller.sees_all:
        if kind not in (NETWORK, COMMISSIONER):
            raise FhirError(Kind.UNPROCESSABLE, "area is a network or a commissioner", expression="area")
        return area
    above = await area_of_organisation(connection, area, to_micros(call.kernel.clock.now()))
    own = area == caller.organisation and kind in (NETWORK, COMMISSIONER)
    if own or (kind == NETWORK and caller.organisation in above.commissioners):
        return area
    raise FhirError(Kind.FORBIDDEN, "Pathways are set by the network or the commissioner whose area it is (ECD-071)")


async def areas_read(call: OperationCall, connection: Connection) -> tuple[str, ...]:
    """The areas (codes) whose arrangements the caller reads unless it names one: its own, the nearest first."""
    at = to_micros(call.kernel.clock.now())
    return (await area_of_organisation(connection, call.request.caller.organisation, at)).all
