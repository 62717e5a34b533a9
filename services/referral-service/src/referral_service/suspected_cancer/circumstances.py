"""What holds for a referral on the day it is made: the person's age, criteria, the network's protocol, pathways."""

from __future__ import annotations

from datetime import datetime

from referral_service.domain.suspected_cancer.claim import made_on
from referral_service.domain.suspected_cancer.criteria import age_on
from referral_service.domain.suspected_cancer.judgement import Circumstances
from referral_service.domain.suspected_cancer.protocol import Protocol
from referral_service.suspected_cancer.area import Area, area_of_practice, is_practice
from referral_service.suspected_cancer.criteria_rows import criteria_on
from referral_service.suspected_cancer.pathway_rows import pathways_of
from referral_service.suspected_cancer.person_rows import Person
from referral_service.suspected_cancer.protocol_rows import protocol_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code, reference_codes
from tandem.identity.references import resolve
from tandem.identity.registered_practice import registered_practice


async def circumstances_of(
    connection: Connection, request: Resource, patient: str, person: Person | None, caller: str, now: datetime
) -> Circumstances:
    """Of a referral about a person (Patient.id), written by an organisation (code)."""
    day, at = made_on(request, now), to_micros(now)
    home = await area_of_practice(connection, await registered_practice(connection, patient), at)
    performers = await resolve(connection, reference_codes(request.get("performer") or ()))
    return Circumstances(
        day, age_on(person.birth, day) if person else None, person.gender if person else None,
        await criteria_on(connection, home.commissioners, day),
        await _protocol(connection, request, home, caller, now),
        tuple(await pathways_of(connection, home.all)),
        frozenset(code for code in performers.values() if code is not None),
    )  # fmt: skip


async def _protocol(
    connection: Connection, request: Resource, home: Area, caller: str, now: datetime
) -> Protocol | None:
    """Of the network whose member refers: the requester, else who writes, else where the person is registered."""
    area = home
    for code in (await _requester(connection, request), caller):
        if code is not None and await is_practice(connection, code):
            area = await area_of_practice(connection, code, to_micros(now))
            break
    for network in area.networks:
        found = await protocol_of(connection, network, made_on(request, now))
        if found is not None:
            return found
    return None


async def _requester(connection: Connection, request: Resource) -> str | None:
    named = reference_code(request.get("requester"))
    return (await resolve(connection, [named]))[named] if named is not None else None
