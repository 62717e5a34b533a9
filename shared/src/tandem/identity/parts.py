"""From a CareTeam, Task or ServiceRequest to the organisations that have a part in a person's care.

A part is kept with the organisation that gave it. What a version says never reaches further than the version itself:
so a giver's part is what it said when it last wrote, narrowed by every version since. A version by an organisation
that had no access at the time gives nothing and takes nothing.
"""

from __future__ import annotations

from typing import Any

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.derivation import derive, hold
from tandem.identity.employers import ROLE, role_reference
from tandem.identity.organisations import reference_code, reference_codes
from tandem.identity.periods import BEGINNING, FOREVER, Period, bounds, overlap, period_of
from tandem.identity.references import resolve

AFTERCARE = 90 * 86_400 * 1_000_000
"""Microseconds for which a part outlives completed work: 90 days, to finish records and answer questions."""

_UNSENT = {"Task": {"draft"}, "ServiceRequest": {"draft"}, "CareTeam": {"proposed"}}
_STOPPED = {
    "Task": {"cancelled", "rejected", "failed", "entered-in-error"},
    "ServiceRequest": {"revoked", "entered-in-error"},
    "CareTeam": {"suspended", "inactive", "entered-in-error"},
}
_Part = tuple[str, str, int, int]
"""Organisation reference, giver, starts, ends."""
FirstPart = tuple[str, str, str | None, int, int]
"""Organisation reference, giver, the organisation's code when it is known, starts, ends."""
PART_TYPES = frozenset(_STOPPED)
"""The types whose resources give organisations a part in someone's care."""


def parts_of(resource: Resource) -> dict[str, Period]:
    """To whom a version gives a part, with its span: a code or `Organization/id` each, or of a CareTeam also a
    `PractitionerRole/id`, which stands for its employer."""
    kind = resource["resourceType"]
    span = _span(kind, resource)
    if span is None:
        return {}
    if kind == "CareTeam":
        return _members(resource, overlap(span, period_of(resource.get("period"))))
    named = [resource.get("requester"), resource.get("owner")]
    named += resource.get("performer") or [] if kind == "ServiceRequest" else []
    return dict.fromkeys(reference_codes(named), span)


def _span(kind: str, resource: Resource) -> Period | None:
    status = resource.get("status")
    if status in _UNSENT[kind]:
        return None
    written = (resource.get("meta") or {}).get("lastUpdated")
    moment = bounds(written)[0] if written else BEGINNING
    if status in _STOPPED[kind]:
        return BEGINNING, moment
    return BEGINNING, moment + AFTERCARE if status == "completed" else FOREVER


def _members(team: Resource, span: Period) -> dict[str, Period]:
    found: dict[str, Period] = {}
    named: list[tuple[Any, Period]] = [(reference, span) for reference in team.get("managingOrganization") or []]
    for participant in team.get("participant") or []:
        limited = overlap(span, period_of(participant.get("period")))
        named += [(participant.get("member"), limited), (participant.get("onBehalfOf"), limited)]
    for reference, limited in named:
        code = reference_code(reference) or role_reference(reference)
        if code is not None and limited[0] < limited[1]:
            # Someone named twice with different periods has a part from the first to the last of them.
            earlier = found.get(code, limited)
            found[code] = min(earlier[0], limited[0]), max(earlier[1], limited[1])
    return found


async def first_parts(connection: Connection, resource: Resource, author: str) -> list[FirstPart]:
    """The rows that the first version of a resource leads to: what `project_parts` would write where nothing was.

    For a writer that puts them down itself, while it holds the patient (`derivation.hold`); then `derive` is to follow
    if any of the organisations is a member of a signed agreement.
    """
    parts = _narrowed([], parts_of(resource), author)
    codes = await resolve(connection, (part[0] for part in parts))
    return [(reference, giver, codes[reference], starts, ends) for reference, giver, starts, ends in parts]


async def project_parts(
    connection: Connection, source: str, resource: Resource | None, patient: str | None, author: str, granted: bool
) -> None:
    """Keep the `part` rows of one resource, `Type/id`, and the access that follows from them."""
    if not granted:
        return
    rows = await connection.fetch("SELECT * FROM part WHERE source = $1", source)
    said = parts_of(resource) if resource is not None and patient is not None else {}
    if not rows and not said:
        return
    patients = {row["patient"] for row in rows} | ({patient} if patient is not None else set())
    same = patients == {patient}
    before = [(row["organisation_reference"], row["giver"], row["starts"], row["ends"]) for row in rows]
    after = _narrowed(before if same else [], said, author)
    if same and sorted(before) == sorted(after):
        return
    await hold(connection, sorted(patients))
    codes = await resolve(connection, (reference for reference, *_ in {*before, *after}))
    await connection.execute("DELETE FROM part WHERE source = $1", source)
    await connection.executemany(
        "INSERT INTO part (source, patient, organisation_reference, giver, organisation, starts, ends)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [(source, patient, part[0], part[1], codes[part[0]], part[2], part[3]) for part in after],
    )
    if await _may_matter(connection, [code for code in codes.values() if code is not None]):
        for one in sorted(patients):
            await derive(connection, "p.id = $1", one, shared_only=True)


def _narrowed(before: list[_Part], said: dict[str, Period], author: str) -> list[_Part]:
    after = [(reference, author, *span) for reference, span in said.items() if span[0] < span[1]]
    for reference, giver, starts, ends in before:
        limit = said.get(reference)
        if giver != author and limit is not None:
            starts, ends = overlap((starts, ends), limit)
            if starts < ends:
                after.append((reference, giver, starts, ends))
    return after


async def _may_matter(connection: Connection, codes: list[str]) -> bool:
    if not codes or any(code.startswith(ROLE) for code in codes):
        return bool(codes)
    places = ", ".join(f"${number}" for number in range(1, len(codes) + 1))
    sql = f"SELECT 1 FROM agreement WHERE signed = 1 AND member IN ({places}) LIMIT 1"
    return await connection.fetchval(sql, *codes) is not None
