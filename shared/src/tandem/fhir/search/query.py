"""From the pairs of a URL or form to a query, honest about what it does not know.

Every fault is found before the refusal. Under `Prefer: handling=lenient` a name or option that is not supported is left
out and said so; a value that cannot be read is refused all the same, since leaving it out would widen the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.ownership import KERNEL_TYPES, OWNED_TYPES, OWNER
from tandem.fhir.search.control import CONTROLS, ONCE, Control, Include, SortKey
from tandem.fhir.search.criteria import Condition, Reader
from tandem.fhir.search.parameters import PARAMETERS
from tandem.fhir.search.refusal import Refused, invalid, listed, shown

MOST_PARAMETERS = 30
LONGEST_VALUE = 1000


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search that can be run: everything in it is supported."""

    type_name: str
    conditions: tuple[Condition, ...]
    sort: tuple[SortKey, ...]
    count: int
    total: str
    summary: str
    elements: tuple[str, ...]
    includes: tuple[Include, ...]
    revincludes: tuple[Include, ...]
    used: tuple[tuple[str, str], ...]
    """The pairs that took part, for the `self` link."""
    ignored: tuple[str, ...]
    """What lenient handling left out, and why."""

    @property
    def counts_only(self) -> bool:
        """Whether only the total is wanted."""
        return self.summary == "count" or self.count == 0


def parse_query(
    resource_type: str, pairs: Sequence[tuple[str, str]], lenient: bool, *, base: str | None = None,
    service: str | None = None,
) -> SearchQuery:  # fmt: skip
    """The query of these decoded name and value pairs.

    `base` is our FHIR base URL, `service` the one that answers (it decides which types chains and includes reach; by
    default the owner of the type). Raises FhirError: UNKNOWN_TYPE; UNSUPPORTED_PARAMETER naming each thing that is
    not supported with what is; BAD_REQUEST when only values are at fault; NOT_ACCEPTABLE for `_format` other than JSON.
    """
    if resource_type not in PARAMETERS:
        raise FhirError(Kind.UNKNOWN_TYPE)
    if len(pairs) > MOST_PARAMETERS:
        issue = Issue(f"A search has {MOST_PARAMETERS} parameters at most", code="too-costly")
        raise FhirError(Kind.BAD_REQUEST, issues=[issue])
    kept = kept_types(service or OWNER.get(resource_type))
    reading = _Reading(Reader(resource_type, kept, base), Control(resource_type, kept), lenient)
    for name, text in pairs:
        reading.take(name, text)
    return reading.query()


def kept_types(service: str | None) -> frozenset[str]:
    """The types that a service keeps: its own and the kernel's."""
    return frozenset(OWNED_TYPES.get(service or "", ())) | frozenset(KERNEL_TYPES)


class _Reading:
    def __init__(self, reader: Reader, control: Control, lenient: bool) -> None:
        self._reader = reader
        self._control = control
        self._lenient = lenient
        self._conditions: list[Condition] = []
        self._used: list[tuple[str, str]] = []
        self._seen: set[str] = set()
        self._ignored: list[str] = []
        self._faults: list[Issue] = []
        self._unsupported = False

    def take(self, name: str, text: str) -> None:
        try:
            self._take(name, text)
        except Refused as refused:
            if self._lenient and refused.ignorable:
                self._ignored += refused.texts
                return
            self._faults += [Issue(text, name[:64], refused.code) for text in refused.texts]
            self._unsupported = self._unsupported or refused.code == "not-supported"
        else:
            self._used.append((name, text))

    def _take(self, name: str, text: str) -> None:
        if len(text) > LONGEST_VALUE:
            raise invalid(f"{shown(name)} has a value of more than {LONGEST_VALUE} characters")
        if "\x00" in text or not _encodable(text):
            raise invalid(f"{shown(name)} has a value that is no text")
        if not text:
            raise Refused(f"{shown(name)} has no value")
        if name in CONTROLS:
            if name in self._seen & ONCE:
                raise invalid(f"{name} stands more than once")
            self._seen.add(name)
            self._control.read(name, text)
        elif name.partition(":")[0] in CONTROLS:
            raise Refused(f"{shown(name)} is not supported: {name.partition(':')[0]} has no modifiers here")
        elif name.startswith("_") and not name.startswith("_has:") and self._unknown(name):
            known = listed({*CONTROLS, "_has", *PARAMETERS[self._reader.type_name]})
            raise Refused(f"There is no parameter {shown(name)}; there are {known}")
        else:
            self._conditions.append(self._reader.condition(name, text))

    def _unknown(self, name: str) -> bool:
        return name.partition(":")[0].partition(".")[0] not in PARAMETERS[self._reader.type_name]

    def query(self) -> SearchQuery:
        if self._faults:
            kind = Kind.UNSUPPORTED_PARAMETER if self._unsupported else Kind.BAD_REQUEST
            raise FhirError(kind, issues=self._faults)
        control = self._control
        if control.summary == "text" and (control.includes or control.revincludes):
            raise FhirError(Kind.BAD_REQUEST, "_summary=text cannot stand with _include or _revinclude")
        if control.summary != "false" and control.elements:
            raise FhirError(Kind.BAD_REQUEST, "_summary cannot stand with _elements")
        return SearchQuery(
            control.type_name, tuple(self._conditions), tuple(control.sort), control.count, control.total,
            control.summary, tuple(control.elements), tuple(control.includes), tuple(control.revincludes),
            tuple(self._used), tuple(self._ignored),
        )  # fmt: skip


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
