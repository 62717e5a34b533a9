"""Taking a person out of what speaks of others too: a list, a notice, a subscription's criteria.

What refers to the person stays as `Patient/erased`, so that the record keeps its form; what names them beside it goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from tandem.fhir.body import decode, encode

ERASED: Final = "erased"
_NAMING: Final = ("display", "identifier")


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is known: ids of their Patient, their NHS numbers and other identifiers that are theirs."""

    patient: str
    numbers: tuple[str, ...]

    @property
    def needles(self) -> list[bytes]:
        """Bytes at least one of which is in whatever names the person."""
        return [each.encode() for each in (self.patient, *self.numbers)]


def redacted(raw: bytes, traces: Traces) -> bytes | None:
    """The JSON text without the person, or None when it does not name them (or is no JSON)."""
    try:
        before = decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    after = _without(before, traces, _pattern(traces))
    return None if after == before else encode(after)


def _pattern(traces: Traces) -> re.Pattern[str]:
    return re.compile(rf"(Patient/){re.escape(traces.patient)}(?![A-Za-z0-9.-])(/_history/[0-9]+)?")


def _without(value: Any, traces: Traces, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return ERASED if value in (traces.patient, *traces.numbers) else pattern.sub(rf"\g<1>{ERASED}", value)
    if isinstance(value, list):
        return [_without(each, traces, pattern) for each in value]
    if isinstance(value, dict):
        changed = {_without(name, traces, pattern): _without(each, traces, pattern) for name, each in value.items()}
        if changed != value and _refers(value, changed):
            return {name: each for name, each in changed.items() if name not in _NAMING}
        return changed
    return value


def _refers(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether it is a Reference to the person: by their id, or by a number of theirs."""
    named = before.get("reference") != after.get("reference") if "reference" in before else False
    return named or ("identifier" in before and before["identifier"] != after.get("identifier"))
