"""Which code of the BNF a product has: of two tellings the later one counts, in whatever order they are heard."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.facts.fold import fold
from metrics_service.facts.products import LOADED, bnf_codes
from metrics_service.measures.value_sets import numbers_of
from tandem.canonical import DMD, SNOMED_CT
from tandem.events.event import Event

_NOW = datetime(2020, 6, 1, tzinfo=UTC)


def _loaded(position: int, *products: tuple[str, str]) -> Event:
    data = {"products": [list(each) for each in products]}
    return Event(f"e{position}", LOADED, "cohort-service", _NOW, position=position, data=data)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_what_was_told_last_counts(metrics: Any, order: tuple[int, int]) -> None:
    told = {1: _loaded(1, ("319283006", "0206020A0AAAAAA")), 2: _loaded(2, ("319283006", "0403010J0AAAAAA"))}
    for each in order:
        await metrics.take(told[each])
    async with metrics.database.read() as connection:
        assert await bnf_codes(connection, ["319283006", "1"]) == {"319283006": "0403010J0AAAAAA"}


@pytest.mark.parametrize("system", [DMD, SNOMED_CT])
async def test_a_value_set_of_the_bnf_knows_a_product_once_the_map_does(metrics: Any, system: str) -> None:
    fact = Fact("prescription", _NOW.toordinal(), codings=(f"{system}|319283006",))
    async with metrics.database.transaction() as connection:
        await fold(connection, [Told("MedicationRequest/1", 1, _NOW, "4", (fact,))])
    async with metrics.database.read() as connection:
        assert (await numbers_of(connection, ["low-value-medicine"]))["low-value-medicine"] == ()
    await metrics.take(_loaded(3, ("319283006", "0403010J0AAAAAA")))
    async with metrics.database.read() as connection:
        assert len((await numbers_of(connection, ["low-value-medicine"]))["low-value-medicine"]) == 1
