"""Who is in no extract: by a type 1 opt-out, a national data opt-out, or its forerunner, the type 2 opt-out (AC-032).

A type 1 opt-out is recorded by the practice as a code. The national data opt-out is kept by the NHS Spine and not in
records; whoever checks it records it as a Flag or Observation with the code below. The codes of type 1 and type 2 are
SNOMED CT UK's "Dissent from secondary use of general practitioner patient identifiable data" and "Dissent from
disclosure of personal confidential data by Health and Social Care Information Centre", each with its withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tandem.canonical import BASE, SNOMED_CT

DATA_OPT_OUT: Final = f"{BASE}/CodeSystem/data-opt-out"
NATIONAL_DATA_OPT_OUT: Final = "national-data-opt-out"
TYPE_1_OPT_OUT: Final = "type-1-opt-out"

_TYPE_1, _TYPE_2, _NATIONAL = "type 1", "type 2", "national"
_DISSENTS: Final = {
    (SNOMED_CT, "827241000000103"): _TYPE_1, (DATA_OPT_OUT, TYPE_1_OPT_OUT): _TYPE_1,
    (SNOMED_CT, "881561000000100"): _TYPE_2, (DATA_OPT_OUT, NATIONAL_DATA_OPT_OUT): _NATIONAL,
}  # fmt: skip
_WITHDRAWALS: Final = {(SNOMED_CT, "827261000000102"): _TYPE_1, (SNOMED_CT, "881581000000109"): _TYPE_2}

Stated = tuple[str, str, int, int | None]
"""System, code, first day, and the first day on which it no longer holds."""


def opted_out(facts: Iterable[Stated], today: int) -> bool:
    """Whether any opt-out stands. One that has ended does not, nor one withdrawn on a later day; of the same day, the
    opt-out counts. One that is dated ahead counts already: the wish is known."""
    dissents: dict[str, int] = {}
    withdrawn: dict[str, int] = {}
    for system, code, starts, ends in facts:
        kind = _DISSENTS.get((system, code))
        if kind is not None and (ends is None or ends > today):
            dissents[kind] = max(starts, dissents.get(kind, starts))
        kind = _WITHDRAWALS.get((system, code))
        if kind is not None and starts <= today:
            withdrawn[kind] = max(starts, withdrawn.get(kind, starts))
    return any(kind not in withdrawn or withdrawn[kind] <= starts for kind, starts in dissents.items())


def is_opt_out(system: str, code: str) -> bool:
    """Whether a code is about opting out; nothing of it is given to anybody."""
    return (system, code) in _DISSENTS or (system, code) in _WITHDRAWALS or system == DATA_OPT_OUT
