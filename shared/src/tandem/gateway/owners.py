"""Which service a request is for, by its type, its Bundle entries or what its resource points to."""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.bundle_entries import BundleEntry
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.ownership import KERNEL_TYPES, OWNER


def owner_of(resource_type: str) -> str:
    """The owner of a type that has one. Raises FhirError 404 for an unknown type."""
    owner = OWNER.get(resource_type)
    if owner is None:
        raise FhirError(Kind.UNKNOWN_TYPE, f"{resource_type[:64]} is not a resource type of this server")
    return owner


def owner_of_subject(resource: Resource, base: str) -> str:
    """The service that keeps a Provenance (the owner of its first target) or a Subscription (of the type it watches).

    Raises FhirError 422 when it points to nothing that is kept here.
    """
    if resource["resourceType"] == "Subscription":
        named, expression = str(resource.get("criteria") or ""), "Subscription.criteria"
    else:
        targets: Any = resource.get("target")
        first = targets[0] if isinstance(targets, list) and targets else None
        reference = first if isinstance(first, dict) else {}
        named, expression = str(reference.get("reference") or reference.get("type") or ""), "Provenance.target[0]"
    kind = named.removeprefix(base).lstrip("/").partition("?")[0].partition("/")[0]
    if kind not in OWNER:
        raise FhirError(Kind.UNPROCESSABLE, "This names no resource type that is kept here", expression=expression)
    return OWNER[kind]


def owner_of_transaction(entries: list[BundleEntry], base: str) -> str | None:
    """The only owner of a transaction's entries; None when there are none.

    Raises FhirError 422 that names the entries and their owners when there are several: it could not be atomic.
    """
    owners = {entry.number: _owner_of_entry(entry, base) for entry in entries}
    named = {owner for owner in owners.values() if owner is not None}
    unknown = [entry for entry in entries if owners[entry.number] is None]
    if unknown:
        raise FhirError(Kind.UNPROCESSABLE, issues=[
            Issue(f"{entry.type[:64] or 'The system level'} is no type that can be written here", _place(entry))
            for entry in unknown[:100]
        ])  # fmt: skip
    if len(named) > 1:
        text = "a transaction over several services could not be atomic; send one transaction to each, or a batch"
        raise FhirError(Kind.UNPROCESSABLE, issues=[
            Issue(f"{entry.type} is kept by {owners[entry.number]}: {text}", _place(entry)) for entry in entries[:100]
        ])  # fmt: skip
    return named.pop() if named else None


def _owner_of_entry(entry: BundleEntry, base: str) -> str | None:
    if entry.type in KERNEL_TYPES and entry.resource is not None and entry.type != "AuditEvent":
        return owner_of_subject(entry.resource, base)
    return OWNER.get(entry.type)


def _place(entry: BundleEntry) -> str:
    return f"Bundle.entry[{entry.number}]"
