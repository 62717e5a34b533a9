"""Provenance: whose record it is, and the one that a service makes for a version that an organisation wrote.

http://hl7.org/fhir/R4/provenance.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tandem.canonical import SERVICE_NAME
from tandem.clock import to_instant
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.audit_event import organisation_reference
from tandem.ids import deterministic_id
from tandem.service import Action, Change

_ACTIVITIES: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_AGENTS: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

_LITERAL: Final = re.compile(r"(https?://[^\s]+/)?[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class WrittenVersion:
    """A version of a resource (`CarePlan/1/_history/2`) that an organisation (a code) wrote, through `user` if any."""

    target: str
    action: Action
    recorded: datetime
    organisation: str
    user: str | None
    service: str
    """The service that keeps it and makes the Provenance."""


def provenance_of(version: WrittenVersion, entities: Iterable[dict[str, Any]] = ()) -> Resource:
    """The Provenance of a version, under the id that only this one has. `entities` are what went into it."""
    organisation = organisation_reference(version.organisation)
    who: dict[str, Any] = {"who": organisation}
    if version.user is not None:
        who = {"who": user_reference(version.user), "onBehalfOf": organisation}
    made: Resource = {
        "resourceType": "Provenance",
        "id": deterministic_id("provenance", version.target),
        "target": [{"reference": version.target}],
        "recorded": to_instant(version.recorded),
        "activity": {"coding": [{"system": _ACTIVITIES, "code": version.action.upper()}]},
        "agent": [
            {"type": _agent("author"), **who},
            {"type": _agent("assembler"), "who": _service(version.service)},
        ],
    }
    given = list(entities)
    return {**made, "entity": given} if given else made


def user_reference(user: str) -> dict[str, Any]:
    """A Reference to the person behind a token; by identifier where its `fhirUser` is no literal reference."""
    return {"reference": user} if _LITERAL.fullmatch(user) else {"identifier": {"value": user}}


def kept_as_made(change: Change) -> Iterator[Issue]:
    """What a service made is not changed, not deleted, and not made by anybody else."""
    if change.caller.sees_all:
        return
    if _is_assembled(change.before):
        yield Issue(
            "The service made this Provenance with the version that it tells of; it is kept as it is", "Provenance"
        )
    elif _is_assembled(change.after):
        yield Issue("Only a service names itself as what assembled a Provenance", "Provenance.agent.who")


async def patient_of_targets(connection: Connection, provenance: Resource) -> str | None:
    """The Patient.id of the person that the first known target is about: whoever sees their records sees this too."""
    for target in provenance.get("target") or ():
        text = target.get("reference") if isinstance(target, dict) else None
        kind, _, rest = text.partition("/") if isinstance(text, str) else ("", "", "")
        identity = rest.partition("/")[0]
        if not identity:
            continue
        if kind == "Patient":
            sql = "SELECT id FROM patient WHERE id = $1 AND deleted = 0"
            found = await connection.fetchval(sql, identity)
        else:
            sql = "SELECT patient FROM resource WHERE type = $1 AND id = $2"
            found = await connection.fetchval(sql, kind, identity)
        if found is not None:
            return str(found)
    return None


def _is_assembled(provenance: Resource | None) -> bool:
    whos = [agent.get("who") or {} for agent in (provenance or {}).get("agent") or ()]
    return any((who.get("identifier") or {}).get("system") == SERVICE_NAME for who in whos)


def _agent(code: str) -> dict[str, Any]:
    return {"coding": [{"system": _AGENTS, "code": code}]}


def _service(name: str) -> dict[str, Any]:
    return {"identifier": {"system": SERVICE_NAME, "value": name}, "display": f"Tandem {name}"}
