"""Time passes on the gateway and five services with PostgreSQL and RabbitMQ: clocks run out, rounds fall due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from tandem_tests.home_round_story import SERIES, TODAY, round_from_plan_to_end
from tandem_tests.home_rounds import new_home
from tandem_tests.plan_deadline import seven_days_pass
from tandem_tests.services_of_a_test import NewServices


async def test_a_plan_runs_out_of_time_and_months_later_a_home_round_is_held(
    new_services: NewServices, tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_services("--clock", "2020-07-01T09:00+01:00")
    urls = [option for process in system.processes.values() for option in ("--url", process.url)]

    async def move(moment: str) -> None:
        moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data, *urls)
        assert moved.returncode == 0, moved.stderr

    await seven_days_pass(system, http, move)
    await move(f"{TODAY}T09:00+00:00")
    home = await new_home(http, system)
    await home.begin_series(SERIES)
    await round_from_plan_to_end(home)
