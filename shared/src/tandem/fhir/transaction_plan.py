"""What the entries of a transaction are about, settled before anything is written (http://hl7.org/fhir/R4/http.html#trules)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tandem.database.connection import Connection
from tandem.fhir.bundle_entries import BundleEntry
from tandem.fhir.conditional import criteria_lock, match_ids
from tandem.fhir.kernel import Kernel
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.references import dangling, replace_references
from tandem.fhir.request import FhirRequest, parse_pairs
from tandem.fhir.store import hold

READS = ("GET", "HEAD")
Criteria = list[tuple[str, str]]


@dataclass(slots=True)
class Plan:
    """Which entry gets which id, by entry number. Of those with criteria, `found` are the ones that match something.

    `names` are the fullUrls of entries and what stands behind them, `Type/id`.
    """

    ids: dict[int, str] = field(default_factory=dict)
    found: set[int] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)


def check_addresses(entries: list[BundleEntry]) -> None:
    """Raises FhirError 400 naming each write with an address its method does not take, or another's fullUrl."""
    issues = [
        Issue(fault, f"Bundle.entry[{entry.number}].request.url", "value")
        for entry in entries if entry.method not in READS and (fault := _address_fault(entry))
    ]  # fmt: skip
    names = Counter(entry.full_url for entry in entries if entry.full_url and entry.method not in READS)
    issues += [
        Issue("Another entry has this fullUrl", f"Bundle.entry[{entry.number}].fullUrl", "duplicate")
        for entry in entries if entry.full_url and entry.method not in READS and names[entry.full_url] > 1
    ]  # fmt: skip
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues[:100])


def _address_fault(entry: BundleEntry) -> str | None:
    segments = entry.path.split("/")
    if entry.method == "POST":
        return None if len(segments) == 1 and not entry.query else "POST takes [type]"
    if entry.query:
        return None if len(segments) == 1 else f"{entry.method} takes [type]/[id] or [type]?[criteria]"
    well = len(segments) == 2 and is_logical_id(segments[1])
    return None if well else f"{entry.method} takes [type]/[id] or [type]?[criteria]"


async def planned(kernel: Kernel, connection: Connection, request: FhirRequest, entries: list[BundleEntry]) -> Plan:
    """Match criteria, choose ids, hold what is there, and fill in the references between entries.

    Raises FhirError 400 for two entries on one resource and a dangling `urn:`, 412 for criteria with several matches.
    """
    writes = [entry for entry in entries if entry.method not in READS]
    plan = Plan()
    await _match(kernel, connection, request, writes, plan)
    taken: dict[tuple[str, str], BundleEntry] = {}
    for entry in writes:
        resource_id = plan.ids.get(entry.number)
        if resource_id is None:
            continue
        other = taken.setdefault((entry.type, resource_id), entry)
        if other is not entry and not (_only_found(entry, plan) and _only_found(other, plan)):
            raise _same(other, entry)
        if entry.full_url:
            plan.names[entry.full_url] = f"{entry.type}/{resource_id}"
    await hold(connection, sorted(taken))
    _fill_in(entries, plan)
    return plan


async def _match(
    kernel: Kernel, connection: Connection, request: FhirRequest, writes: list[BundleEntry], plan: Plan
) -> None:
    criteria = {entry.number: pairs for entry in writes if (pairs := _criteria(entry))}
    # In one order for all transactions: two that took the same locks the other way round would wait for each other.
    for kind, asked in sorted({_key(entry, criteria) for entry in writes if entry.number in criteria}):
        await criteria_lock(connection, kind, list(asked))
    unmatched: dict[tuple[str, tuple[tuple[str, str], ...]], BundleEntry] = {}
    for entry in writes:
        if entry.number not in criteria:
            plan.ids[entry.number] = kernel.ids.new() if entry.method == "POST" else entry.path.split("/")[1]
            continue
        found = await _matched(kernel, connection, request, entry, criteria[entry.number])
        if found is not None:
            plan.found.add(entry.number)
            plan.ids[entry.number] = found
        elif entry.method in ("POST", "PUT"):
            # Both would be made, and then both would match.
            other = unmatched.setdefault(_key(entry, criteria), entry)
            if other is not entry:
                raise _same(other, entry)
            plan.ids[entry.number] = _chosen_id(kernel, entry)
        elif entry.method == "PATCH":
            raise FhirError(
                Kind.NOT_FOUND, "The criteria match nothing", expression=f"Bundle.entry[{entry.number}].request"
            )


def _key(entry: BundleEntry, criteria: dict[int, Criteria]) -> tuple[str, tuple[tuple[str, str], ...]]:
    return entry.type, tuple(sorted(criteria[entry.number]))


def _criteria(entry: BundleEntry) -> Criteria:
    text = entry.if_none_exist if entry.method == "POST" else entry.query
    return parse_pairs(text.removeprefix(entry.type).lstrip("?")) if text else []


async def _matched(
    kernel: Kernel, connection: Connection, request: FhirRequest, entry: BundleEntry, pairs: Criteria
) -> str | None:
    place = f"Bundle.entry[{entry.number}].request"
    try:
        matches = await match_ids(kernel, connection, request, entry.type, pairs)
    except FhirError as error:
        raise FhirError(error.kind, issues=[Issue(issue.text, place, issue.code) for issue in error.issues]) from error
    if len(matches) > 1:
        raise FhirError(Kind.MULTIPLE_MATCHES, "The criteria match more than one resource", expression=place)
    return matches[0] if matches else None


def _chosen_id(kernel: Kernel, entry: BundleEntry) -> str:
    own = (entry.resource or {}).get("id") if entry.method == "PUT" else None
    return own if isinstance(own, str) else kernel.ids.new()


def _only_found(entry: BundleEntry, plan: Plan) -> bool:
    return entry.method == "POST" and entry.number in plan.found


def _same(one: BundleEntry, other: BundleEntry) -> FhirError:
    text = f"Entries {one.number} and {other.number} are about the same resource"
    return FhirError(Kind.BAD_REQUEST, text, expression=f"Bundle.entry[{other.number}]")


def _fill_in(entries: list[BundleEntry], plan: Plan) -> None:
    issues = []
    for entry in entries:
        if entry.resource is None or entry.method not in ("POST", "PUT"):
            continue
        entry.resource = replace_references(entry.resource, plan.names)
        for path in dangling(entry.resource or {}):
            place = path.partition(".")[2]
            text = "This urn: reference names no entry of the Bundle"
            issues.append(Issue(text, f"Bundle.entry[{entry.number}].resource.{place}", "not-found"))
    if issues:
        raise FhirError(Kind.BAD_REQUEST, issues=issues[:100])
