"""FHIR transaction interaction: http://hl7.org/fhir/R4/http.html#transaction. All entries or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.batch import Dispatch, answer_entry, patch_body, response_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.bundle_entries import BundleEntry, bundle_entries
from tandem.fhir.conditional import match_ids
from tandem.fhir.content import check_resource, check_size
from tandem.fhir.create import found_on
from tandem.fhir.delete import delete_on
from tandem.fhir.etag import check_if_match
from tandem.fhir.kernel import Kernel, check_scope, write_context
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.patch import patch_on, patch_operations
from tandem.fhir.references import conditional, replace_references
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.fhir.store import load
from tandem.fhir.transaction_plan import READS, Plan, check_addresses, planned
from tandem.fhir.update import check_update
from tandem.fhir.visibility import visible_resource
from tandem.fhir.writing import Intent, Written
from tandem.fhir.written import written_response

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2}
# Who is who must be known before what is about them is written, wherever it stands in the Bundle. A plan comes last:
# what it is agreed with (goals, answers, its team) may be in the same Bundle.
_PLACE = {"Organization": 0, "OrganizationAffiliation": 1, "Patient": 2, "CarePlan": 4}
_BETWEEN = 3
_LETTER = {"DELETE": "d", "POST": "c", "PUT": "u", "PATCH": "u"}


async def transaction(kernel: Kernel, dispatch: Dispatch, request: FhirRequest, bundle: Resource) -> FhirResponse:
    """A transaction-response Bundle; or FhirError with nothing written.

    Raises 422 for types of other services (it could not be atomic), 400 for two entries on one resource or a dangling
    `urn:uuid:`, 412 for criteria with several matches, and what the single interactions raise. Reads come last, when
    all else is stored; one that is refused says so in its own entry.
    """
    entries = bundle_entries(bundle, request.base)
    check_owners(kernel, entries)
    check_addresses(entries)
    for entry in entries:
        if entry.method not in READS:
            check_scope(request.caller, entry.type, _LETTER[entry.method])
    answers = await _write(kernel, request, entries)
    for entry in entries:
        if entry.method in READS:
            answers[entry.number] = await answer_entry(dispatch, request, entry)
    ordered = [answers[entry.number] for entry in entries]
    return FhirResponse(200, encode({"resourceType": "Bundle", "type": "transaction-response", "entry": ordered}))


def check_owners(kernel: Kernel, entries: list[BundleEntry]) -> None:
    """Raises FhirError 422 naming each entry of a type that another service owns, or that nobody can write."""
    issues = []
    for entry in entries:
        if entry.type in kernel.types or (
            entry.type in KERNEL_TYPES and (entry.type != "AuditEvent" or entry.method in READS)
        ):
            continue
        place = f"Bundle.entry[{entry.number}]"
        owner = OWNER.get(entry.type)
        if owner is None:
            issues.append(Issue(f"{entry.type[:64] or 'The system level'} is no type that can be written here", place))
        else:
            issues.append(
                Issue(f"{entry.type} is kept by {owner}: a transaction over two services could not be atomic", place)
            )
    if issues:
        raise FhirError(Kind.UNPROCESSABLE, issues=issues[:100])


async def _write(kernel: Kernel, request: FhirRequest, entries: list[BundleEntry]) -> dict[int, dict[str, Any]]:
    writes = [entry for entry in entries if entry.method not in READS]
    answers: dict[int, dict[str, Any]] = {}
    if not writes:
        return answers
    try:
        async with kernel.database.transaction() as connection:
            plan = await planned(kernel, connection, request, entries)
            for entry in sorted(writes, key=_rank):
                try:
                    answers[entry.number] = await _carry_out(kernel, connection, request, entry, plan)
                except FhirError as error:
                    raise _located(error, entry) from error
    except UniqueViolation as error:
        raise FhirError(Kind.CONFLICT, "Another write came first; nothing was stored") from error
    return answers


def _rank(entry: BundleEntry) -> tuple[bool, int, int]:
    return entry.method != "DELETE", _PLACE.get(entry.type, _BETWEEN), _ORDER[entry.method]


async def _carry_out(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, plan: Plan
) -> dict[str, Any]:
    resource_id = plan.ids.get(entry.number)
    if resource_id is None:
        return {"response": {"status": "204"}}
    asked = replace(request, headers=_headers(request, entry))
    if entry.method == "DELETE":
        await delete_on(kernel, connection, asked, entry.type, resource_id)
        return {"response": {"status": "204"}}
    if entry.method == "PATCH":
        written = await _patch(kernel, connection, asked, entry, resource_id)
    elif entry.method == "POST" and entry.number in plan.found:
        written = await found_on(kernel, connection, asked, entry.type, resource_id)
    else:
        written = await _put(kernel, connection, asked, entry, resource_id, plan)
    return response_entry(written_response(kernel, asked, written))


def _headers(request: FhirRequest, entry: BundleEntry) -> dict[str, str]:
    headers = {"prefer": request.headers["prefer"]} if "prefer" in request.headers else {}
    if entry.if_match is not None:
        headers["if-match"] = entry.if_match
    return headers


async def _put(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, resource_id: str, plan: Plan
) -> Written:
    assert entry.resource is not None, "bundle_entries refuses a POST or PUT without a resource"
    resource = await _resolved(kernel, connection, request, entry.resource)
    raw = encode(resource)
    check_size(kernel, raw)
    check_resource(kernel, resource, entry.type, raw)
    before = None
    # Criteria without a match and without an id in the body make a new resource, as POST does.
    creating = entry.method == "POST" or (entry.number not in plan.found and "id" not in resource)
    if creating:
        check_if_match(request, None)
    else:
        own_id = resource.get("id")
        if own_id != resource_id and not (own_id is None and entry.number in plan.found):
            raise FhirError(
                Kind.BAD_REQUEST, "The id in the body must be that of the resource", expression=f"{entry.type}.id"
            )
        before = await load(connection, entry.type, resource_id)
        await check_update(kernel, connection, request, entry.type, resource_id, before)
    context = write_context(request.caller, request.request_id, request.correlation_id, request.practice)
    intent = Intent(entry.type, resource_id, before, resource, "create" if creating else "update")
    return await kernel.writing.apply(connection, intent, context)


async def _patch(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, resource_id: str
) -> Written:
    operations = patch_operations(patch_body(entry))
    held = await visible_resource(kernel, connection, request, entry.type, resource_id)
    if held is None:
        raise FhirError(Kind.NOT_FOUND, f"There is no {entry.type} with this id that you may see")
    return await patch_on(kernel, connection, request, held, operations)


async def _resolved(kernel: Kernel, connection: Connection, request: FhirRequest, resource: Resource) -> Resource:
    names = {}
    for path, text in conditional(resource):
        kind, _, criteria = text.partition("?")
        if kind in OWNER and kind not in kernel.types:
            fault = f"{kind} is kept by {OWNER[kind]}: name it by id or identifier here, not by criteria"
            raise FhirError(Kind.UNPROCESSABLE, fault, expression=path)
        kernel.check_type(kind)
        matches = await match_ids(kernel, connection, request, kind, parse_pairs(criteria))
        if len(matches) != 1:
            fault = (
                "The conditional reference matches several"
                if matches
                else "The conditional reference matches no resource"
            )
            raise FhirError(Kind.PRECONDITION_FAILED, fault, expression=path)
        names[text] = f"{kind}/{matches[0]}"
    resolved: Resource = replace_references(resource, names) if names else resource
    return resolved


def _located(error: FhirError, entry: BundleEntry) -> FhirError:
    place = f"Bundle.entry[{entry.number}]"
    issues = [replace(issue, expression=_within(issue.expression, place, entry.type)) for issue in error.issues]
    return FhirError(error.kind, issues=issues, headers=error.headers)


def _within(expression: str | None, place: str, resource_type: str) -> str:
    if not expression:
        return place
    return (
        expression
        if expression.startswith(place)
        else f"{place}.resource.{expression.removeprefix(f'{resource_type}.')}"
    )
