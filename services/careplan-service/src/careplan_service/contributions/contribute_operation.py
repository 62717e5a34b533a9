"""`POST CarePlan/[id]/$contribute`: one organisation adds to a plan, whoever else is writing it at the same time.

What it adds is merged under the plan's row in one transaction, so nobody has to read first and nothing is lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from careplan_service.contributions.contribute_parameters import Asked, Given, contribution_asked
from careplan_service.domain.contributions.merging import Contribution, closed_to_contributions, merged
from tandem.clock import to_micros
from tandem.database.connection import Connection, SerializationConflict, UniqueViolation
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.compartments import patient_named
from tandem.fhir.kernel import check_scope
from tandem.fhir.operation_work import put_as_caller
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.references import replace_references
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.audit import record
from tandem.ids import deterministic_id

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ATTEMPTS = 3
_KINDS = {"goal": "Goal", "response": "QuestionnaireResponse"}


async def contribute(call: OperationCall) -> FhirResponse:
    """Take a contribution: the plan gets one new version, and each goal and response is stored as the caller's.

    Parameters `goal` and `response` (resources), `activity` (a Reference, or parts of CarePlan.activity.detail),
    `note`, `addresses`, `supportingInfo`, each repeated, and `identifier`, the name of the contribution: sent again it
    changes nothing and gets the same answer, as does the same body under one X-Request-ID. A goal with an id `g1` may
    be named `#g1` by what is posted with it. Answers `plan` (a Reference with its version) and `goal` and `response`
    References in the order in which they were posted. Raises FhirError 400, 403, 404, 409, 422, with nothing written.
    """
    now = call.kernel.clock.now()
    asked = contribution_asked(call.request.body, call.request.caller, now)
    for name, kind in _KINDS.items():
        if asked.of(name):
            check_scope(call.request.caller, kind, "c")
    for attempt in range(_ATTEMPTS):
        try:
            async with call.kernel.database.transaction() as connection:
                return await _contribute(call, connection, asked, now)
        except (SerializationConflict, UniqueViolation):
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt answers or raises")


async def _contribute(call: OperationCall, connection: Connection, asked: Asked, now: datetime) -> FhirResponse:
    kernel, request = call.kernel, call.request
    assert call.id is not None, "declared on the instance"
    held = await visible_resource(kernel, connection, request, "CarePlan", call.id, lock=True)
    if held is None or held.body is None:
        raise FhirError(Kind.NOT_FOUND, "No such resource")
    plan: Resource = decode(held.body)
    digest = sha256(request.body).hexdigest()
    name = asked.identifier or f"{request.request_id}|{digest}"
    known = await _taken(connection, call.id, request.caller.organisation, name, digest)
    if known is not None:
        return answer(known)
    if closed := closed_to_contributions(plan):
        raise FhirError(Kind.BUSINESS_RULE, issues=[closed])
    seed = deterministic_id("contribution", call.id, request.caller.organisation, name)
    made = _made(asked, call.id, str(held.patient), seed)
    after = merged(plan, _contribution(asked, made))
    await _check(call, connection, made, after, str(held.patient))
    # The plan first: what reacts to a response finds it on the plan, and makes no version of its own.
    after = await put_as_caller(call, connection, after)
    for given, resource in made:
        try:
            await put_as_caller(call, connection, resource)
        except FhirError as fault:
            raise _located(fault, given.place, resource["resourceType"]) from fault
    said = _said(after, made)
    await connection.execute(
        "INSERT INTO contribution_request (plan, organisation, name, digest, answer) VALUES ($1, $2, $3, $4, $5)",
        call.id, request.caller.organisation, name, digest, encode(said).decode(),
    )  # fmt: skip
    entry = audit_entry(
        request, "$contribute", to_micros(now), resource_type="CarePlan", resource_id=call.id, patient=held.patient
    )
    await record(connection, [entry])
    return answer(said)


async def _taken(
    connection: Connection, plan: str, organisation: str, name: str, digest: str
) -> list[dict[str, Any]] | None:
    row = await connection.fetchrow(
        "SELECT digest, answer FROM contribution_request WHERE plan = $1 AND organisation = $2 AND name = $3",
        plan, organisation, name,
    )  # fmt: skip
    if row is None:
        return None
    if row["digest"] != digest:
        text = "Another contribution was taken under this identifier; give each one its own"
        raise FhirError(Kind.CONFLICT, text, expression="Parameters.parameter.where(name='identifier')")
    known: list[dict[str, Any]] = decode(row["answer"].encode())
    return known


def _made(asked: Asked, plan: str, patient: str, seed: str) -> list[tuple[Given, Resource]]:
    """The goals and responses under their ids, about the plan's person, with the names they call each other by."""
    given = [each for each in asked.given if each.name in _KINDS]
    names: dict[str, str] = {}
    made: list[tuple[Given, Resource]] = []
    for number, each in enumerate(given):
        resource = {**each.value, "id": deterministic_id(seed, str(number))}
        resource.setdefault("subject", {"reference": f"Patient/{patient}"})
        if each.value.get("id"):
            names[f"#{each.value['id']}"] = _reference(resource)
        if each.name == "response":
            own = {"reference": f"CarePlan/{plan}"}
            based = resource.get("basedOn") or []
            if isinstance(based, list) and own not in based:
                resource["basedOn"] = [*based, own]
        made.append((each, resource))
    # What a resource contains is named so too, and stays its own.
    return [(each, _renamed(resource, names)) for each, resource in made]


def _renamed(resource: Resource, names: dict[str, str]) -> Resource:
    contained = {f"#{each.get('id')}" for each in resource.get("contained") or () if isinstance(each, dict)}
    kept: Resource = replace_references(resource, {name: to for name, to in names.items() if name not in contained})
    return kept


def _contribution(asked: Asked, made: list[tuple[Given, Resource]]) -> Contribution:
    names = {f"#{given.value['id']}": _reference(resource) for given, resource in made if given.value.get("id")}
    goals = [{"reference": _reference(resource)} for given, resource in made if given.name == "goal"]
    responses = [{"reference": _reference(resource)} for given, resource in made if given.name == "response"]
    return Contribution(
        goals=goals,
        activities=[replace_references(each.value, names) for each in asked.of("activity")],
        notes=[each.value for each in asked.of("note")],
        addresses=[each.value for each in asked.of("addresses")],
        supporting=[*(each.value for each in asked.of("supportingInfo")), *responses],
    )


async def _check(
    call: OperationCall, connection: Connection, made: list[tuple[Given, Resource]], after: Resource, patient: str
) -> None:
    """Raises FhirError 422 with every fault of everything that would be written."""
    issues: list[Issue] = []
    for given, resource in made:
        faults = call.kernel.validator.validate(resource)
        issues += [_placed(each, given.place, resource["resourceType"]) for each in faults]
        if not faults and await _person(call, connection, resource) != patient:
            text = f"A {resource['resourceType']} of the plan is about the plan's person; leave subject out"
            issues.append(Issue(text, f"{given.place}.subject"))
    issues += call.kernel.validator.validate(after)
    if issues:
        raise FhirError(Kind.INVALID, issues=issues[:100])


async def _person(call: OperationCall, connection: Connection, resource: Resource) -> str | None:
    named = patient_named(resource, call.kernel.base)
    return await call.kernel.patients.resolve(connection, named) if named is not None else None


def _located(fault: FhirError, place: str, kind: str) -> FhirError:
    return FhirError(fault.kind, issues=[_placed(each, place, kind) for each in fault.issues], headers=fault.headers)


def _placed(issue: Issue, place: str, kind: str) -> Issue:
    inner = (issue.expression or "").removeprefix(kind).removeprefix(".")
    return replace(issue, expression=f"{place}.{inner}" if inner else place)


def _said(plan: Resource, made: list[tuple[Given, Resource]]) -> list[dict[str, Any]]:
    version = f"CarePlan/{plan['id']}/_history/{plan['meta']['versionId']}"
    return [
        {"name": "plan", "valueReference": {"reference": version}},
        *(
            {"name": given.name, "valueReference": {"reference": _reference(resource)}} for given, resource in made
        ),
    ]  # fmt: skip


def _reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
