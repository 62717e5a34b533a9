"""Whose support is asked for: a network by itself, by a practice, a care home or a person; and what serves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cohort_service.domain.networks.days import last_moment
from cohort_service.networks.alignments import alignment_on
from cohort_service.networks.organisations import CARE_HOME, code_named, is_network, kind_of_code, networks_of
from cohort_service.networks.people import belonging_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.fhir.body import decode
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.person_parameter import person_named
from tandem.identity.access import has_access
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE, reference_code
from tandem.identity.reference_rights import kind_of_caller
from tandem.identity.references import PREFIX

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


async def areas_with(connection: Connection, networks: Sequence[str], day: int) -> list[str]:
    """Everything by which an area may be named that holds one of these networks: itself, or a commissioner of it."""
    above = [each for network in networks for each in await _commissioners_of(connection, network, day)]
    return await _known_as(connection, [*networks, *above])


async def providers_in(connection: Connection, networks: Sequence[str], day: int) -> list[str]:
    """Everything by which these networks and their members of a day may be named."""
    if not networks:
        return []
    condition, params = among(connection.dialect, "m.holder", 2, networks)
    rows = await connection.fetch(
        f"SELECT DISTINCT m.member FROM membership m WHERE m.starts <= $1 AND m.ends > $1 AND {condition}"
        " AND m.member IS NOT NULL",
        last_moment(day), *params,
    )  # fmt: skip
    return await _known_as(connection, [*networks, *(row["member"] for row in rows)])


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
    patient = await person_named(connection, call.one("patient"))
    kernel = call.kernel
    held = await connection.fetchval("SELECT 1 FROM patient WHERE id = $1 AND deleted = 0", patient)
    if patient is None or held is None or not await has_access(
        connection, call.request.caller, patient, to_micros(kernel.clock.now()),
        registered_only=kernel.registered_only(),
    ):  # fmt: skip
        raise FhirError(Kind.NOT_FOUND, "There is no such person whose record you may see")
    belongs = await belonging_of(connection, patient, day)
    aligned = [belongs.alignment.network] if belongs.alignment is not None else []
    return Served(tuple(dict.fromkeys([*aligned, *sorted(belongs.networks)])), patient=patient)


async def _is(connection: Connection, code: str, kind: str) -> bool:
    return await is_network(connection, code) if kind == NETWORK else await kind_of_code(connection, code) == kind


async def _commissioners_of(connection: Connection, network: str, day: int) -> list[str]:
    """The commissioners that a network is a member or a part of on a day."""
    holders = await connection.fetch(
        "SELECT DISTINCT m.holder AS code FROM membership m JOIN organisation o ON o.code = m.holder AND o.kind = $3"
        " WHERE m.member = $1 AND m.starts <= $2 AND m.ends > $2",
        network, last_moment(day), COMMISSIONER,
    )  # fmt: skip
    bodies = await connection.fetch(
        "SELECT l.body FROM organisation o JOIN resource r ON r.type = 'Organization' AND r.id = o.id"
        " JOIN log l ON l.id = r.log_id WHERE o.code = $1",
        network,
    )
    wholes = [reference_code(decode(bytes(row["body"])).get("partOf")) for row in bodies if row["body"] is not None]
    parents = [await code_named(connection, whole) for whole in wholes if whole is not None]
    known = [each for each in parents if each is not None and await kind_of_code(connection, each) == COMMISSIONER]
    return list(dict.fromkeys([*(row["code"] for row in holders), *known]))


async def _known_as(connection: Connection, codes: Sequence[str]) -> list[str]:
    if not codes:
        return []
    condition, params = among(connection.dialect, "code", 1, codes)
    rows = await connection.fetch(f"SELECT id FROM organisation WHERE {condition}", *params)
    return list(dict.fromkeys([*codes, *(f"{PREFIX}{row['id']}" for row in rows)]))
