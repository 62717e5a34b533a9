"""FHIR transaction interaction: http://hl7.org/fhir/R4/http.html#transaction. All entries or none, in one database transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tandem.database.connection import Connection, UniqueViolation
from tandem.fhir.batch import entry_request, patch_operations, response_entry
from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.bundle_entries import BundleEntry, bundle_entries
from tandem.fhir.conditional import criteria_lock, match_ids
from tandem.fhir.content import check_resource
from tandem.fhir.delete import delete_on
from tandem.fhir.etag import check_if_match
from tandem.fhir.kernel import Kernel, check_scope, write_context
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.patch import patched
from tandem.fhir.references import conditional, dangling, replace_references
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.fhir.store import lock
from tandem.fhir.update import check_update
from tandem.fhir.visibility import visible_resource
from tandem.fhir.written import written_response
from tandem.fhir.writing import Intent, Written

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
_LETTER = {"DELETE": "d", "POST": "c", "PUT": "u", "PATCH": "u", "GET": "r", "HEAD": "r"}


async def transaction(kernel: Kernel, dispatch: Any, request: FhirRequest, bundle: Resource) -> FhirResponse:
    """A transaction-response Bundle; or FhirError with nothing written.

    Raises 422 for types of other services (it could not be atomic), 400 for two entries on one resource or a dangling
    `urn:uuid:`, 412 for criteria with several matches, and what the single interactions raise.
    """
    entries = bundle_entries(bundle, request.base)
    check_owners(kernel, entries)
    for entry in entries:
        check_scope(request.caller, entry.type, _LETTER[entry.method])
    answers: dict[int, dict[str, Any]] = {}
    try:
        async with kernel.database.transaction() as connection:
            plan = await _planned(kernel, connection, request, entries)
            for entry in sorted(entries, key=lambda each: _ORDER[each.method]):
                if entry.method in ("GET", "HEAD"):
                    continue
                try:
                    answers[entry.number] = await _carry_out(kernel, connection, request, entry, plan)
                except FhirError as error:
                    raise _located(error, entry) from error
    except UniqueViolation as error:
        raise FhirError(Kind.CONFLICT, "Another write came first; nothing was stored") from error
    for entry in entries:
        if entry.method in ("GET", "HEAD"):
            answers[entry.number] = response_entry(await dispatch(entry_request(request, entry)), entry)
    ordered = [answers[entry.number] for entry in entries]
    return FhirResponse(200, encode({"resourceType": "Bundle", "type": "transaction-response", "entry": ordered}))


def check_owners(kernel: Kernel, entries: list[BundleEntry]) -> None:
    """Raises FhirError 422 naming each entry of a type that another service owns, 404 for an unknown type."""
    issues = []
    for entry in entries:
        owner = OWNER.get(entry.type)
        if entry.type in kernel.types or entry.type in KERNEL_TYPES:
            continue
        place = f"Bundle.entry[{entry.number}]"
        if owner is None:
            issues.append(Issue(f"{entry.type[:64] or 'The system level'} is no type that can be written here", place))
        else:
            issues.append(Issue(f"{entry.type} is kept by {owner}: a transaction over two services could not be atomic", place))
    if issues:
        raise FhirError(Kind.UNPROCESSABLE, issues=issues[:100])


class _Plan:
    """Which entry gets which id, so that references between entries can be filled in before anything is written."""

    def __init__(self) -> None:
        self.ids: dict[int, str] = {}
        self.found: set[int] = set()
        self.names: dict[str, str] = {}


async def _planned(kernel: Kernel, connection: Connection, request: FhirRequest, entries: list[BundleEntry]) -> _Plan:
    plan = _Plan()
    taken: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.method in ("GET", "HEAD"):
            continue
        resource_id = await _identity(kernel, connection, request, entry, plan)
        if resource_id is None:
            continue
        other = taken.setdefault((entry.type, resource_id), entry.number)
        if other != entry.number and not (entry.number in plan.found and other in plan.found and entry.method == "POST"):
            text = f"Entries {other} and {entry.number} are about the same resource"
            raise FhirError(Kind.BAD_REQUEST, text, expression=f"Bundle.entry[{entry.number}]")
        plan.ids[entry.number] = resource_id
        if entry.full_url:
            plan.names[entry.full_url] = f"{entry.type}/{resource_id}"
    _check_dangling(entries, plan)
    return plan


async def _identity(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, plan: _Plan
) -> str | None:
    criteria = entry.if_none_exist if entry.method == "POST" else entry.query
    if criteria:
        pairs = parse_pairs(criteria.lstrip("?").removeprefix(f"{entry.type}?"))
        await criteria_lock(connection, entry.type, pairs)
        matches = await match_ids(kernel, connection, request, entry.type, pairs)
        if len(matches) > 1:
            raise FhirError(
                Kind.MULTIPLE_MATCHES, "The criteria match more than one resource", expression=f"Bundle.entry[{entry.number}].request"
            )
        if matches:
            plan.found.add(entry.number)
            return matches[0]
        if entry.method == "DELETE":
            return None
        return kernel.ids.new()
    if entry.method == "POST":
        return kernel.ids.new()
    if entry.id is None:
        raise FhirError(Kind.BAD_REQUEST, "request.url names no resource", expression=f"Bundle.entry[{entry.number}].request.url")
    return entry.id


def _check_dangling(entries: list[BundleEntry], plan: _Plan) -> None:
    issues = []
    for entry in entries:
        if entry.resource is None or entry.method not in ("POST", "PUT"):
            continue
        entry.resource = replace_references(entry.resource, plan.names)
        for path in dangling(entry.resource or {}):
            issues.append(Issue("This urn: reference names no entry of the Bundle", f"Bundle.entry[{entry.number}].resource.{path}", "not-found"))
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues[:100])


async def _carry_out(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, plan: _Plan
) -> dict[str, Any]:
    asked = replace(request, headers={"if-match": entry.if_match} if entry.if_match else {})
    resource_id = plan.ids.get(entry.number)
    if resource_id is None:
        return {"response": {"status": "204"}}
    if entry.method == "DELETE":
        await delete_on(kernel, connection, asked, entry.type, resource_id)
        return {"response": {"status": "204"}}
    if entry.method == "PATCH":
        written = await _patch(kernel, connection, asked, entry, resource_id)
    elif entry.method == "POST" and entry.number in plan.found:
        return {"response": {"status": "200", "location": f"{kernel.base}/{entry.type}/{resource_id}"}}
    else:
        written = await _put(kernel, connection, asked, entry, resource_id, plan)
    return response_entry(written_response(kernel, asked, written), entry)


async def _put(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, resource_id: str, plan: _Plan
) -> Written:
    assert entry.resource is not None, "bundle_entries refuses a POST or PUT without a resource"
    resource = await _resolved(kernel, connection, request, entry.resource)
    check_resource(kernel, resource, entry.type)
    creating = entry.method == "POST" or (entry.query and entry.number not in plan.found)
    before = None if creating else await lock(connection, entry.type, resource_id)
    if not creating:
        if not entry.query and resource.get("id") != resource_id:
            raise FhirError(Kind.BAD_REQUEST, "The id in the body must be the id in the address", expression=f"{entry.type}.id")
        await check_update(kernel, connection, request, entry.type, resource_id, before)
        check_if_match(request, before)
    context = write_context(request.caller, request.request_id, request.correlation_id, request.practice)
    intent = Intent(entry.type, resource_id, before, resource, "create" if creating else "update")
    return await kernel.writing.apply(connection, intent, context)


async def _patch(kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, resource_id: str) -> Written:
    held = await visible_resource(kernel, connection, request, entry.type, resource_id, lock=True)
    if held is None or held.body is None:
        raise FhirError(Kind.NOT_FOUND, f"There is no {entry.type} with this id that you may see")
    check_if_match(request, held)
    after = patched(decode(held.body), patch_operations(entry))
    check_resource(kernel, after, entry.type)
    context = write_context(request.caller, request.request_id, request.correlation_id)
    return await kernel.writing.apply(connection, Intent(entry.type, resource_id, held, after, "patch"), context)


async def _resolved(kernel: Kernel, connection: Connection, request: FhirRequest, resource: Resource) -> Resource:
    names = {}
    for path, text in conditional(resource):
        kind, _, criteria = text.partition("?")
        kernel.check_type(kind)
        matches = await match_ids(kernel, connection, request, kind, parse_pairs(criteria))
        if len(matches) != 1:
            text = "The conditional reference matches no resource" if not matches else "The conditional reference matches several"
            raise FhirError(Kind.PRECONDITION_FAILED, text, expression=path)
        names[f"{kind}?{criteria}"] = f"{kind}/{matches[0]}"
    resolved: Resource = replace_references(resource, names) if names else resource
    return resolved


def _located(error: FhirError, entry: BundleEntry) -> FhirError:
    place = f"Bundle.entry[{entry.number}]"
    issues = [replace(issue, expression=f"{place}.resource.{issue.expression}" if issue.expression else place) for issue in error.issues]
    return FhirError(error.kind, issues=issues, headers=error.headers)
