"""Figures as they are known now and as they were known then; and built from corrections that came late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from tandem.canonical import BASE
from tandem_tests.measure_figures import measured
from tandem_tests.network_area import new_area
from tandem_tests.reviewed_people import MEASURE, review
from tandem_tests.running import EmbeddedTandem

JUNE = ("2020-06-01", "2020-06-30")


async def test_a_late_correction_changes_the_past_and_the_past_as_it_was_known_stays(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    area = await new_area(http, system)
    practice = area.client("northern")
    people = [await area.register("northern") for _ in range(3)]
    held = [await review(area, each, "2020-06-10") for each in people]
    before = await measured(practice, MEASURE, JUNE)
    assert before.numerator == 3

    moved = await asyncio.to_thread(tandem, "clock", "set", "2020-09-01T09:00+01:00", "--data", system.data)
    assert moved.returncode == 0, moved.stderr
    await practice.call("PUT", f"Procedure/{held[0]['id']}", {**held[0], "status": "entered-in-error"})
    await review(area, people[1], "2020-06-20")
    late = await area.register("northern")
    await review(area, late, "2020-06-25")

    now = await measured(practice, MEASURE, JUNE)
    assert (now.numerator, now.populations["appointments"]) == (3, 4)
    then = await measured(practice, MEASURE, JUNE, known=before.report["date"])
    assert (then.numerator, then.populations["appointments"]) == (3, 3)
    said = {each["url"]: each for each in then.report["extension"]}
    assert said[f"{BASE}/StructureDefinition/known-at"]["valueInstant"] == before.report["date"]
    cut_off = [each for each in now.report["extension"] if each["url"].endswith("data-cut-off")]
    assert {each["extension"][0]["valueString"] for each in cut_off} >= {"cohort-service", "careplan-service"}
    assert now.report["measure"].endswith(f"{MEASURE}|1")
