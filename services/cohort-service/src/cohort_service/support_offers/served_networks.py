"""Whose support is asked for: that of a network, named by itself or by a practice, a care home or a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cohort_service.networks.alignments import alignment_on
from cohort_service.networks.organisations import CARE_HOME, is_network, kind_of_code, networks_of
from cohort_service.networks.people import belonging_of
from tandem.database.connection import Connection
from tandem.fhir.asked_person import person_in_care
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

NAMING: Final = ("network", "practice", "home", "patient")
"""The parameters that say whose support is asked for; one of them, else the caller's own."""


@dataclass(frozen=True, slots=True)
class Served:
    """The networks (codes) whose support counts; `home` and `patient` when these were asked for."""

    networks: tuple[str, ...]
    home: str | None = None
    patient: str | None = None


async def served(call: OperationCall, connection: Connection, day: int) -> Served:
    """Whose support is asked for on a day, which may be none: a practice without network, a home not aligned.

    Without a parameter it is the caller's own network, practice or care home. Raises FhirError 400, 404 for a person
    whose record the caller may not see, 422.
    """
    given = [name for name in NAMING if call.parameters.get(name)]
    if len(given) > 1:
        raise FhirError(Kind.BAD_REQUEST, f"Give one of {', '.join(NAMING)}, not {' and '.join(given)}")
    if not given:
        return await _own(call, connection, day)
    name = given[0]
    if name == "patient":
        return await _of_person(call, connection, day)
    code = await resolved(connection, call.one(name), name)
    kinds = {"network": NETWORK, "practice": PRACTICE, "home": CARE_HOME}
    if not await _is(connection, code, kinds[name]):
        raise FhirError(Kind.UNPROCESSABLE, f"{name} names no {kinds[name]} that is known here", expression=name)
    return await _of(connection, code, kinds[name], day)


async def _own(call: OperationCall, connection: Connection, day: int) -> Served:
    caller = call.request.caller.organisation
    kind = await kind_of_caller(connection, caller)
    if kind not in (NETWORK, PRACTICE, CARE_HOME):
        raise FhirError(Kind.BAD_REQUEST, f"Say whose support is asked for: give one of {', '.join(NAMING)}")
    return await _of(connection, caller, kind, day)


async def _of(connection: Connection, code: str, kind: str, day: int) -> Served:
    if kind == NETWORK:
        return Served((code,))
    if kind == PRACTICE:
        return Served(tuple(await networks_of(connection, code, day)))
    alignment = await alignment_on(connection, code, day)
    return Served((alignment.network,) if alignment is not None else (), home=code)


async def _of_person(call: OperationCall, connection: Connection, day: int) -> Served:
    """Of a resident the network of the home, and of everybody the networks of the practice."""
    patient = await person_in_care(call, connection)
    belongs = await belonging_of(connection, patient, day)
    aligned = [belongs.alignment.network] if belongs.alignment is not None else []
    return Served(tuple(dict.fromkeys([*aligned, *sorted(belongs.networks)])), patient=patient)


async def _is(connection: Connection, code: str, kind: str) -> bool:
    return await is_network(connection, code) if kind == NETWORK else await kind_of_code(connection, code) == kind
