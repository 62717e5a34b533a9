"""What records say by the rules of the kernel (`tandem.record_facts`, docs/facts.md), as facts of measures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import Day
from tandem.fhir.search.folding import bounded
from tandem.record_facts.fact import UNDATED
from tandem.record_facts.fact import Fact as RecordFact

_FIRST: Final = date(1970, 1, 1).toordinal()


def ordinal(number: int | None) -> Day | None:
    """The day of a number that counts from 1970; None where the record gives no date."""
    return None if number is None or number == UNDATED else _FIRST + number


def recorded(kind: str, facts: Iterable[RecordFact], **more: Any) -> Iterable[Fact]:
    """One fact with all the codings that share their days and their value."""
    together: dict[tuple[int, int | None, float | None], list[str]] = {}
    for each in facts:
        together.setdefault((each.starts, each.ends, each.value), []).append(bounded(f"{each.system}|{each.code}"))
    for (starts, ends, value), codings in together.items():
        yield Fact(
            kind, ordinal(starts), ordinal(ends), codings=tuple(dict.fromkeys(codings)), value=value, **more
        )  # fmt: skip
