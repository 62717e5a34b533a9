"""The people of a network or an area whose measures are counted, and what a year says of them, drawn by seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import FOREVER, fold
from tandem.database.connection import Connection, Database

START: Final = datetime(2020, 4, 1, 9, tzinfo=UTC)
YEAR: Final = Span(date(2020, 4, 1).toordinal(), date(2021, 3, 31).toordinal())
_PRACTICE: Final = 10_000
"""People a practice."""
_BATCH: Final = 2_000


def practices_of(people: int) -> tuple[str, ...]:
    """The codes of the practices of so many people."""
    return tuple(f"A{81_000 + number}" for number in range(max(1, people // _PRACTICE)))


async def fill(database: Database, people: int) -> int:
    """Write the people, and their facts by the row writer of events; answers how many facts."""
    async with database.transaction() as connection:
        await _people(connection, people, practices_of(people))
    drawn = iter(_histories(people))
    facts = 0
    while batch := list(islice(drawn, _BATCH)):
        async with database.transaction() as connection:
            await fold(connection, batch)
        facts += sum(len(each.facts) for each in batch)
    return facts


async def _people(connection: Connection, people: int, practices: Sequence[str]) -> None:
    draw = random.Random(7)
    rows = [
        (f"p{number}", 1, practices[number % len(practices)], date(2020, 1, 1).toordinal() - draw.randrange(36_000),
         draw.choice(("male", "female")), 0, 4_000_000, 0, FOREVER)
        for number in range(people)
    ]  # fmt: skip
    columns = ("patient", "version", "practice", "born", "sex", "starts", "ends", "known_from", "known_until")
    await connection.copy_rows("told_person", columns, rows)


def _histories(people: int) -> Iterator[Told]:
    """What a year says of people: contacts, prescriptions, reviews, plans, referrals and stays on lists."""
    draw = random.Random(11)
    for number in range(people):
        told = _sources(f"p{number}", number)
        for _ in range(3):
            yield told("Encounter", _fact(draw, "encounter", category=draw.choice(_CONTACTS)))
        for _ in range(6):
            coding = f"https://www.nhsbsa.nhs.uk/bnf|{draw.choice(_BNF)}"
            issue = _fact(draw, "prescription", category="issue", detail="oral", codings=(coding,), value=28.0)
            yield told("MedicationRequest", issue)
        if number % 10 == 0:
            yield told("list-stay", Fact("list-stay", YEAR.first, category="care-home-residents"))
            yield told("CarePlan", _fact(draw, "plan", status="active"))
        if number % 5 == 0:
            yield told("list-stay", Fact("list-stay", YEAR.first, category="anticipatory-care"))
            yield told("medication-review", _fact(draw, "medication-review", status="completed", category="initial"))
        if number % 7 == 0:
            yield told("ServiceRequest", _fact(draw, "referral", category="social-prescribing", detail="gp"))


_CONTACTS: Final = ("consultation", "consultation", "outpatient", "emergency-admission", "urgent-care-attendance")
_BNF: Final = ("0501013B0AAABAB", "0407020Q0AAABAB", "0301011R0AAABAB", "0212000Y0AAABAB", "0601023A0AAABAB")


def _fact(draw: random.Random, kind: str, **words: Any) -> Fact:
    return Fact(kind, YEAR.first + draw.randrange(365), **words)


def _sources(patient: str, number: int) -> Callable[[str, Fact], Told]:
    count = iter(range(1_000))

    def told(source: str, fact: Fact) -> Told:
        return Told(f"{source}/{number}-{next(count)}", 1, START, patient, (fact,))

    return told
