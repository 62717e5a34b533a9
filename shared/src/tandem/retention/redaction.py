"""Taking a person out of what speaks of others too: a list, a notice, a subscription's criteria.

What refers to the person stays as `Patient/erased`, so that the record keeps its form; what names them beside it goes.
In a text only what tells by itself who it is becomes `erased`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from tandem.fhir.body import decode, encode

ERASED: Final = "erased"
_NAMING: Final = ("display", "identifier")
_TELLING: Final = 16
"""Characters from which on an id says by itself whose it is. A shorter one, which a client chose, may be any word."""
_BARE: Final = frozenset(("patient", "patients", "patientid", "person", "people", "subject"))
"""Names in our events and rows below which the id of a Patient stands alone."""

_NO_MORE: Final = rb"(?![A-Za-z0-9.-])"
_RANDOM: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""An id of this form is in nobody else's. One that a client chose may be: `practice-person-1-2` is another person than
`practice-person-1`."""
_PLACES_OF_AN_ID: Final = (
    rb"Patient(?:/|%%2[Ff])%b%b",
    # in a query, of which a job keeps what follows the question mark; alone or in a list
    rb"[A-Za-z_:.-]=(?:[A-Za-z0-9_./%%,-]*(?:,|%%2[Cc]))?%b%b",
    # in JSON, and in JSON that is a text of JSON; alone or in a list
    rb'(?i:"(?:id|' + "|".join(sorted(_BARE)).encode() + rb')\\?")\s*:\s*(?:\[[^\]\[]*)?\\?"%b%b',
)


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is known: ids of their Patient, their NHS numbers and other identifiers that are theirs."""

    patient: str
    numbers: tuple[str, ...]

    @property
    def needles(self) -> list[bytes]:
        """Bytes at least one of which is in whatever names the person."""
        return [each.encode() for each in (self.patient, *self.numbers)]

    @property
    def alone(self) -> frozenset[str]:
        """Values that name the person wherever they stand."""
        return frozenset((*self.numbers, *telling((self.patient,))))

    def named_in(self, raw: bytes) -> bool:
        """Whether a text of any form names the person: a short id only as a whole where a Patient's may be."""
        if any(each.encode() in raw for each in telling((self.patient,))):
            return True
        if any(re.search(rb"(?<![0-9])%b(?![0-9])" % each.encode(), raw) for each in self.numbers):
            return True
        short = re.escape(self.patient.encode())
        return any(re.search(each % (short, _NO_MORE), raw) for each in _PLACES_OF_AN_ID)


def telling(ids: Iterable[str]) -> frozenset[str]:
    """Those that say by themselves whose they are."""
    return frozenset(each for each in ids if len(each) >= _TELLING)


def redacted(raw: bytes, traces: Traces) -> bytes | None:
    """The JSON text without the person, or None when it does not name them (or is no JSON)."""
    try:
        before = decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    after = _without(before, traces, _patterns(traces), traces.alone)
    return None if after == before else encode(after)


_Patterns = tuple[tuple[re.Pattern[str], str], ...]


def _patterns(traces: Traces) -> _Patterns:
    """What is looked for within a text, and what is put in its place: a reference, and what tells by itself who it
    is."""
    reference = rf"(Patient/){re.escape(traces.patient)}(?![A-Za-z0-9.-])(/_history/[0-9]+)?"
    words = "|".join(_as_a_word(each) for each in sorted(traces.alone, reverse=True))
    found = ((re.compile(reference), rf"\g<1>{ERASED}"),)
    return (*found, (re.compile(words), ERASED)) if words else found


def _as_a_word(trace: str) -> str:
    """Not as a part of a longer word; and a number or a random id beside hyphens and dots too."""
    if _RANDOM.fullmatch(trace) or trace.replace(" ", "").isdigit():
        return rf"(?<![A-Za-z0-9]){re.escape(trace)}(?![A-Za-z0-9])"
    return rf"(?<![A-Za-z0-9.-]){re.escape(trace)}(?!-|\.?[A-Za-z0-9])"


def _without(value: Any, traces: Traces, patterns: _Patterns, alone: frozenset[str]) -> Any:
    if isinstance(value, str):
        return ERASED if value in alone else _without_text(value, patterns)
    if isinstance(value, list):
        return [_without(each, traces, patterns, alone) for each in value]
    if isinstance(value, dict):
        return _without_in(value, traces, patterns, alone)
    return value


def _without_text(text: str, patterns: _Patterns) -> str:
    for pattern, instead in patterns:
        text = pattern.sub(instead, text)
    return text


def _without_in(before: dict[str, Any], traces: Traces, patterns: _Patterns, alone: frozenset[str]) -> Any:
    changed = {}
    for name, each in before.items():
        here = alone | {traces.patient} if name in _BARE else alone
        changed[_without(name, traces, patterns, alone)] = _without(each, traces, patterns, here)
    if changed == before:
        return before
    if _refers(before, changed):
        return {name: each for name, each in changed.items() if name not in _NAMING}
    return _without_identifiers(before, changed)


def _refers(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether it is a Reference to the person: by their id, or by a number of theirs."""
    named = before.get("reference") != after.get("reference") if "reference" in before else False
    return named or (isinstance(before.get("identifier"), dict) and before["identifier"] != after.get("identifier"))


def _without_identifiers(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """A record of somebody else that has a number of the person among its identifiers, as that of a merged duplicate
    has: its own stay."""
    listed = before.get("identifier")
    if not isinstance(listed, list):
        return after
    own = [each for each in listed if each in after["identifier"]]
    return {name: own if name == "identifier" else each for name, each in after.items() if own or name != "identifier"}
