"""`POST CareTeam/[id]/$hand-over`: a role is given to somebody, or passed on, with the reason.

AC-048, PCPC-051, PCPC-068.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.care_teams.team_rows import references_of
from careplan_service.domain.care_teams.hand_over import CannotHandOver, HandOver, handed_over
from careplan_service.domain.care_teams.roles import ACCOUNTABLE, TITLES, RoleHeld, holders, roles_held
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.directory.queries import names_of
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.changed_since import check_version
from tandem.fhir.etag import version_headers
from tandem.fhir.operation_parameters import only, optional_day, short_text, today
from tandem.fhir.operation_work import put_as_caller, work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.audit import record
from tandem.identity.audit_event import organisation_reference
from tandem.ids import deterministic_id
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

NOTICE = "tandem.notice.requested"
_PARAMETERS = ("role", "to", "onBehalfOf", "reason", "from")


async def hand_over(call: OperationCall) -> FhirResponse:
    """Give a role to `to` from day `from` (today unless given) for a `reason`: the CareTeam in its new version.

    Who had the role keeps it until the day before, and stays in the team with that date. The members of the team are
    told by a Communication. Parameters `role` (named-gp, care-coordinator, responsible-lead, named-professional), `to`
    (a Reference to a Practitioner or PractitionerRole), `onBehalfOf` (their organisation), `reason`, `from`. Takes
    If-Match. Raises FhirError 400, 403, 404, 412, 422.
    """
    only(call, _PARAMETERS)
    kernel, request, now = call.kernel, call.request, call.kernel.clock.now()
    asked = _asked(call)
    assert call.id is not None, "declared on the instance"
    async with kernel.database.transaction() as connection:
        held = await visible_resource(kernel, connection, request, "CareTeam", call.id, lock=True)
        if held is None or held.body is None:
            raise FhirError(Kind.NOT_FOUND, "No such resource")
        await check_version(kernel, connection, request, held)
        team: Resource = decode(held.body)
        if team.get("status") != "active" or held.patient is None:
            text = "A role is handed over in a team that is active and about a person (003 §2.4 b5)"
            raise FhirError(Kind.BUSINESS_RULE, text, expression="CareTeam.status")
        try:
            after, old = handed_over(team, asked)
        except CannotHandOver as fault:
            raise FhirError(Kind.BUSINESS_RULE, issues=[fault.issue]) from None
        await connection.execute(
            "INSERT INTO care_team_hand_over (team, version, role) VALUES ($1, $2, $3)",
            call.id, held.version + 1, asked.role,
        )  # fmt: skip
        kept = await put_as_caller(call, connection, after)
        await _tell(work_of(call, connection, now), kept, held.patient, asked, old, request.caller.organisation)
        entry = audit_entry(
            request, "$hand-over", to_micros(now), resource_type="CareTeam", resource_id=call.id, patient=held.patient
        )
        await record(connection, [entry])
    headers = version_headers(int(kept["meta"]["versionId"]), to_micros(now))
    return FhirResponse(200, encode(kept), headers)


def _asked(call: OperationCall) -> HandOver:
    role, reason = short_text(call, "role"), short_text(call, "reason")
    if role not in ACCOUNTABLE:
        raise FhirError(Kind.BAD_REQUEST, f"role is one of {', '.join(ACCOUNTABLE)}", expression="role")
    if reason is None:
        raise FhirError(Kind.BAD_REQUEST, "Give the reason of the hand-over (003 §2.5; PCPC-068)", expression="reason")
    to, behalf = call.one("to"), call.one("onBehalfOf")
    if not isinstance(to, dict) or not (to.get("reference") or to.get("identifier")):
        raise FhirError(Kind.BAD_REQUEST, "to is a Reference to who takes the role over", expression="to")
    if behalf is not None and not isinstance(behalf, dict):
        raise FhirError(Kind.BAD_REQUEST, "onBehalfOf is a Reference to an organisation", expression="onBehalfOf")
    since = optional_day(call, "from") or today(call)
    return HandOver(role, to, behalf, reason, since, call.kernel.clock.now())


async def _tell(
    work: Work, team: Resource, patient: str, asked: HandOver, old: RoleHeld | None, organisation: str
) -> None:
    """Ask for a Communication to everybody in the team, who came and who goes included."""
    members = [each.member for each in _now(team, to_micros(work.now))]
    members += [old.member] if old is not None else []
    if asked.to not in members:
        members.append(asked.to)
    key = f"{team['id']}/{team['meta']['versionId']}"
    await work.emit(NOTICE, {
        "communication": deterministic_id("care-team-hand-over", key),
        "about": f"CareTeam/{team['id']}", "topic": f"New {TITLES[asked.role]}",
        "text": await _words(work.connection, asked, old), "recipient": _once(members),
        "sender": organisation_reference(organisation), "sent": to_instant(work.now),
    }, key=key, patient=patient)  # fmt: skip


def _now(team: Resource, moment: int) -> list[RoleHeld]:
    held = roles_held(team)
    return [each for role in dict.fromkeys(each.role for each in held) for each in holders(held, role, moment)]


def _once(references: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[bytes, dict[str, Any]] = {encode(each): each for each in references}
    return list(found.values())


async def _words(connection: Connection, asked: HandOver, old: RoleHeld | None) -> str:
    known = await names_of(connection, references_of([old] if old else []) | {str(asked.to.get("reference") or "")})

    def name(reference: dict[str, Any]) -> str:
        return str(reference.get("display") or known.get(str(reference.get("reference"))) or "a colleague")

    before = f" in place of {name(old.member)}" if old is not None else ""
    day = f"{asked.since.day} {asked.since:%B %Y}"
    return f"From {day} {name(asked.to)} is the {TITLES[asked.role]}{before}. Reason: {asked.reason}"
