"""The service specifications of the Network Contract DES: from when networks deliver each (PCN-002, PCN-003, PCN-099).

Five begin in April 2020, two more in April 2021 (000 §1.3; 004 §27).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cohort_service.domain.requirements.plan_definition import SERVICE_TITLES


@dataclass(frozen=True, slots=True)
class Specification:
    """One of the services, by the code of its requirements; it is delivered from `starts` on."""

    code: str
    title: str
    starts: date
    source: str


_FIRST: Final = date(2020, 4, 1)
_SECOND: Final = date(2021, 4, 1)
SPECIFICATIONS: Final = (
    *(Specification(code, SERVICE_TITLES[code], _FIRST, "000 §1.3") for code in ("SMR", "EHCH", "AC", "PC", "ECD")),
    Specification("CVD", "Cardiovascular disease prevention and diagnosis", _SECOND, "000 §1.3; 004 §27"),
    Specification("TNI", "Tackling neighbourhood inequalities", _SECOND, "000 §1.3; 004 §27"),
)


def active_on(day: date) -> list[Specification]:
    """Those that networks deliver on a day."""
    return [each for each in SPECIFICATIONS if each.starts <= day]
