"""What a figure is compared with, and what a service is to be by a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.measures.definition import Baseline, Definition
from metrics_service.domain.measures.faults import DefinitionFault
from metrics_service.domain.measures.reading import Reading
from metrics_service.domain.measures.span import Span, compared_with
from metrics_service.facts.fold import fold
from metrics_service.measures.area import Area
from metrics_service.measures.evaluation import figures
from tandem.identity.organisations import PRACTICE

AREA = Area("A81001", PRACTICE, ("A81001",), ("A81001",))
APRIL_2021 = Span(date(2021, 4, 1).toordinal(), date(2021, 4, 30).toordinal())
YEAR = {"first": date(2019, 4, 1), "last": date(2020, 3, 31), "source": "2.17"}


def _definition(**words: Any) -> Definition:
    return Reading({
        "id": "probe", "version": "1", "title": "Probe", "description": "Probe", "service": "SMR", "source": "none",
        "requirements": ["SMR-054"], "responsible": "network", "unit": "pounds",
        "numerator": {"count": "sum", "fact": "prescription-cost"}, **words,
    }).definition()  # fmt: skip


async def _cost(metrics: Any, day: date, pounds: float, written: datetime) -> None:
    fact = Fact("prescription-cost", day.toordinal(), value=pounds, organisation="A81001")
    async with metrics.database.transaction() as connection:
        await fold(connection, [Told(f"MedicationRequest/{day}{written}", 1, written, None, (fact,))])


async def test_a_frozen_baseline_is_what_was_known_then(metrics: Any) -> None:
    await _cost(metrics, date(2020, 1, 10), 80, datetime(2020, 1, 10, tzinfo=UTC))
    await _cost(metrics, date(2020, 1, 11), 500, datetime(2020, 12, 1, tzinfo=UTC))
    await _cost(metrics, date(2021, 4, 10), 60, datetime(2021, 4, 10, tzinfo=UTC))
    frozen = _definition(baseline={**YEAR, "known": date(2020, 9, 30)})
    open_ended = _definition(baseline=YEAR)
    async with metrics.database.read() as connection:
        kept, moving = await figures(connection, [frozen, open_ended], AREA, APRIL_2021)
    assert kept.baseline is not None
    assert moving.baseline is not None
    assert (kept.baseline.value, moving.baseline.value) == (80, 580)
    assert kept.change == (-20, -25)


def test_a_baseline_may_be_the_days_right_before() -> None:
    before = compared_with(Baseline(None, None, "", days_before=True), APRIL_2021)
    assert (date.fromordinal(before.first), date.fromordinal(before.last)) == (date(2021, 3, 2), date(2021, 3, 31))


@pytest.mark.parametrize(("watch", "flagged"), [("fall", True), ("rise", False), (None, False)])
async def test_a_change_that_is_watched_for_is_flagged(metrics: Any, watch: str | None, flagged: bool) -> None:
    await _cost(metrics, date(2021, 3, 10), 80, datetime(2021, 3, 10, tzinfo=UTC))
    await _cost(metrics, date(2021, 4, 10), 60, datetime(2021, 4, 10, tzinfo=UTC))
    words = {"watch": watch} if watch else {}
    async with metrics.database.read() as connection:
        [figure] = await figures(connection, [_definition(baseline="days-before", **words)], AREA, APRIL_2021)
    assert figure.flagged is flagged


def test_the_last_phase_that_has_begun_holds() -> None:
    phases = [{"name": "plans", "from": "2020-06-30"}, {"name": "full-delivery", "from": "2020-09-30"}]
    definition = _definition(phases=phases)
    found = [definition.phase(day) for day in (date(2020, 6, 29), date(2020, 6, 30), date(2020, 9, 30))]
    assert [each and each.name for each in found] == [None, "plans", "full-delivery"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"phases": [{"name": "plans"}]}, "a name and the day"),
        ({"baseline": {"first": "2020-04-01"}}, "last-year or days-before"),
        ({"watch": "hover"}, "is one of fall, rise"),
    ],
)
def test_a_fault_names_its_place(words: dict[str, Any], fault: str) -> None:
    with pytest.raises(DefinitionFault, match=fault):
        _definition(**words)
