"""Which part of a load goes where, and in which order: those on whom others depend come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Issue
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.gateway.intake_entries import Entry
from tandem.gateway.owners import owner_of_subject
from tandem.identity.caller import Caller

CHUNK = 500
CHUNK_BYTES = 4 * 1024 * 1024
FIRST_TYPES = (
    "Organization", "OrganizationAffiliation", "Location", "Practitioner", "PractitionerRole", "HealthcareService",
    "Patient", "RelatedPerson",
)  # fmt: skip
"""Who and where, before what was done: others can only be placed once these are known."""
_RANK = {name: rank for rank, name in enumerate([*FIRST_TYPES, *(name for name in OWNER if name not in FIRST_TYPES)])}


@dataclass(slots=True)
class Chunk:
    """Resources for one service, sent together. `number` is the same whenever the same load is planned again."""

    number: int
    service: str
    first: bool
    entries: list[Entry]
    lines: list[bytes]


def unowned(entry: Entry) -> bool:
    """Whether no service keeps this type, so that leaving it out is no fault."""
    return not entry.issues and entry.type not in OWNER and entry.type != "Provenance"


def check_right(entry: Entry, caller: Caller) -> None:
    """Refuse an entry that the caller's scopes do not let it write."""
    if not (caller.may(entry.type, "c") and caller.may(entry.type, "u")):
        text = f"The token's scopes do not allow system/{entry.type}.cu"
        entry.issues.append(Issue(text, code="forbidden"))


def chunks(entries: Iterable[Entry], base: str) -> list[Chunk]:
    """The chunks in the order of dependency. Entries that are refused take no part."""
    by_service: dict[tuple[bool, str], list[Entry]] = {}
    for entry in entries:
        service = _owner(entry, base)
        if service is not None:
            by_service.setdefault((entry.type not in FIRST_TYPES, service), []).append(entry)
    found: list[Chunk] = []
    for (rest, service), own in sorted(by_service.items(), key=lambda item: item[0][0]):
        # Stable, so that two versions of one resource keep their order.
        own.sort(key=lambda entry: _RANK.get(entry.type, len(_RANK)))
        found += (Chunk(len(found) + number, service, not rest, *part) for number, part in enumerate(_parts(own)))
    return found


def _owner(entry: Entry, base: str) -> str | None:
    if entry.issues:
        return None
    if entry.type not in KERNEL_TYPES:
        return OWNER[entry.type]
    try:
        return owner_of_subject(entry.resource, base)
    except FhirError as error:
        entry.issues += error.issues
        return None


def _parts(entries: list[Entry]) -> Iterator[tuple[list[Entry], list[bytes]]]:
    own: list[Entry] = []
    lines: list[bytes] = []
    size = 0
    for entry in entries:
        line = encode(entry.resource)
        if own and (len(own) == CHUNK or size + len(line) > CHUNK_BYTES):
            yield own, lines
            own, lines, size = [], [], 0
        own.append(entry)
        lines.append(line)
        size += len(line)
    if own:
        yield own, lines
