"""Which problems are significant, and which medicines lack a reason (003 §2.5 SCR b1, b5; PCPC-058, PCPC-062)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from careplan_service.domain.current_medicines import current_medicines, medicine
from tandem.fhir.body import Resource

_ENDED: Final = ("inactive", "resolved", "remission")
_NOT_SO: Final = frozenset(("refuted", "entered-in-error"))
_ENCOUNTER: Final = "encounter-diagnosis"
_SIGNIFICANCE: Final = "problemsignificance"
_ORDERED: Final = ("active", "on-hold")


def is_significant(condition: Resource) -> bool:
    """Whether it belongs to the significant history: everything but what is refuted or an error, what its practice
    calls minor, and what was diagnosed in one encounter without being called major."""
    if not _NOT_SO.isdisjoint(_codes([condition.get("verificationStatus")])):
        return False
    significance = {
        str(each.get("valueCode") or _codes_text(each.get("valueCodeableConcept"))).casefold()
        for each in condition.get("extension") or () if _SIGNIFICANCE in _plain(each.get("url"))
    }  # fmt: skip
    if any("major" in each for each in significance):
        return True
    if any("minor" in each for each in significance):
        return False
    return _codes(condition.get("category") or ()) != {_ENCOUNTER}


def is_past(condition: Resource) -> bool:
    """Whether it is over: by its clinical status, or by an end."""
    over = not _codes([condition.get("clinicalStatus")]).isdisjoint(_ENDED)
    return over or any(condition.get(name) for name in ("abatementDateTime", "abatementString", "abatementPeriod"))


def medicines_taken(statements: Iterable[Resource], orders: Iterable[Resource], now_us: int) -> list[Resource]:
    """What the person takes: the current statements, and each active order of a medicine that none of them is about."""
    taken = current_medicines(statements, now_us)
    known = {medicine(each) for each in taken}
    ordered = {medicine(each): each for each in orders if each.get("status") in _ORDERED}
    return [*taken, *(each for key, each in sorted(ordered.items()) if key not in known)]


def reasons_of(taken: Resource, conditions: Sequence[Resource]) -> list[str]:
    """The recorded reasons of a medicine in words; empty when none is recorded."""
    found = [in_words(each) for each in taken.get("reasonCode") or ()]
    named = {f"Condition/{each['id']}": in_words(each.get("code")) for each in conditions}
    for reference in taken.get("reasonReference") or ():
        found.append(str(reference.get("display") or named.get(str(reference.get("reference")), "")))
    return [each for each in dict.fromkeys(found) if each]


def in_words(concept: Any) -> str:
    """A CodeableConcept as it was written; empty when it holds no words."""
    concept = concept or {}
    displays = (coding.get("display") for coding in concept.get("coding") or ())
    return str(concept.get("text") or next((each for each in displays if each), "") or "")


def _codes(concepts: Iterable[Any]) -> set[str]:
    return {str(each.get("code")) for concept in concepts if concept for each in concept.get("coding") or ()}


def _codes_text(concept: Any) -> str:
    return " ".join([in_words(concept), *sorted(_codes([concept]))])


def _plain(url: Any) -> str:
    return str(url or "").replace("-", "").casefold()
