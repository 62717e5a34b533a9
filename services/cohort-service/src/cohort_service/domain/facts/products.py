"""Which of the codings of an order says what was ordered.

An order may be coded several times over: by the Dictionary of medicines and devices, which is a part of SNOMED CT, by
the British National Formulary, by the system of the practice. It is one order of one medicine. All its codings tell
whether it belongs to a value set; this one alone tells which substance it is counted as.
"""

from __future__ import annotations

from collections.abc import Iterable

from tandem.canonical import DMD, SNOMED_CT
from tandem.nhs.value_set import BNF
from tandem.record_facts.fact import Fact

_BEFORE_OTHERS = (DMD, SNOMED_CT, BNF)


def product_of(facts: Iterable[Fact]) -> tuple[str, str] | None:
    """System and code of the product among the medicines that one record gives; None without any.

    A code of dm+d before one of SNOMED CT, that before one of the BNF, that before any other; of several of one system
    the first by its letters, so that it does not matter in which order they were written.
    """
    codes = {(fact.system, fact.code) for fact in facts if fact.medicine}
    return min(codes, key=_place, default=None)


def _place(code: tuple[str, str]) -> tuple[int, tuple[str, str]]:
    system = code[0]
    return (_BEFORE_OTHERS.index(system) if system in _BEFORE_OTHERS else len(_BEFORE_OTHERS), code)
