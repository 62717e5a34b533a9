"""The medicines that a review looks at: prescribed, over the counter and from hospital, together (SMR-001, SMR-021).

What a hospital wrote at discharge is compared with what was taken before; each difference stays until it is decided
(SMR-045).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from careplan_service.domain.medication_review.codes import name_of

Key = tuple[str, str]
"""Of a medicine: system and code, else its text (`careplan_service.domain.current_medicines.medicine`)."""

PRESCRIBED, OVER_THE_COUNTER, HOSPITAL, STATED = "prescribed", "over-the-counter", "hospital", "stated"

STARTED: Final = "started-in-hospital"
STOPPED: Final = "stopped-in-hospital"
CHANGED: Final = "dose-changed-in-hospital"
MISSING: Final = "not-on-discharge-list"
DIFFERENCES: Final = {
    STARTED: "Started in hospital, and not among the medicines before",
    STOPPED: "Stopped in hospital, and still among the medicines before",
    CHANGED: "The dose from hospital is another than before",
    MISSING: "Not on the list from hospital, and among the medicines before",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One record about a medicine. `told` (when it says so) and `written` (here) are microseconds, `day` is the day in
    London that it tells of; `version` is the reference with its version; `current` says whether it is taken now by this
    record."""

    reference: str
    version: str
    source: str
    key: Key
    concept: dict[str, Any]
    current: bool
    dosage: str | None
    told: int
    written: int
    day: int


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine to be looked at, with all that is recorded of it. `difference` is open until it is decided."""

    key: Key
    concept: dict[str, Any]
    records: tuple[Record, ...]
    difference: str | None

    @property
    def name(self) -> str:
        """What to call it."""
        return name_of(self.concept)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where it is known from, each once."""
        return tuple(dict.fromkeys(record.source for record in self.records))


def medicines_to_review(records: Iterable[Record], decided: Mapping[Key, AbstractSet[str]]) -> tuple[Medicine, ...]:
    """Every current medicine and every difference from hospital that is not resolved, by name.

    `decided` says of each medicine which versions of records from hospital were known when it was decided at a
    completed review: a difference is resolved once all that it rests on were.
    """
    by_key: dict[Key, list[Record]] = {}
    for record in sorted(records, key=lambda each: (each.told, each.written, each.reference)):
        by_key.setdefault(record.key, []).append(record)
    open_differences = _differences(by_key, decided)
    found = [
        Medicine(key, held[-1].concept, tuple(held), open_differences.get(key))
        for key, held in by_key.items() if key in open_differences or _is_current(held)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.key)))


def _is_current(held: list[Record]) -> bool:
    statements = [each for each in held if each.source != PRESCRIBED]
    return any(each.current for each in held if each.source == PRESCRIBED) or (
        bool(statements) and statements[-1].current
    )


def last_discharge(records: Iterable[Record]) -> list[Record]:
    """The list from hospital that counts: a later discharge takes the place of an earlier one."""
    listed = [each for each in records if each.source == HOSPITAL]
    last = max((each.day for each in listed), default=0)
    return [each for each in listed if each.day == last]


def _differences(by_key: Mapping[Key, list[Record]], decided: Mapping[Key, AbstractSet[str]]) -> dict[Key, str]:
    discharge = last_discharge(each for held in by_key.values() for each in held)
    if not discharge:
        return {}
    found: dict[Key, str] = {}
    for key, held in by_key.items():
        said = [each for each in discharge if each.key == key]
        # What was begun later is no difference: the hospital could not know of it.
        before = [each for each in _before(held) if each.day <= discharge[0].day]
        kind = _difference(said[-1] if said else None, before)
        rests_on = {each.version for each in said[-1:] or discharge}
        if kind is not None and not rests_on <= decided.get(key, frozenset()):
            found[key] = kind
    return found


def _before(held: list[Record]) -> list[Record]:
    """What was taken by all but the hospital: the prescriptions, and the newest statement."""
    prescribed = [each for each in held if each.source == PRESCRIBED and each.current]
    stated = [each for each in held if each.source in (OVER_THE_COUNTER, STATED)][-1:]
    return prescribed + [each for each in stated if each.current]


def _difference(hospital: Record | None, before: list[Record]) -> str | None:
    if hospital is None:
        return MISSING if before else None
    if not hospital.current:
        return STOPPED if before else None
    if not before:
        return STARTED
    doses = {_same_words(each.dosage) for each in before if each.dosage}
    return CHANGED if hospital.dosage and doses and _same_words(hospital.dosage) not in doses else None


def _same_words(dosage: str | None) -> str:
    return " ".join((dosage or "").casefold().split())
