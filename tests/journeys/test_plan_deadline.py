"""Seven days from admission to an agreed plan: met on day seven, breached on day eight, as everybody sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem_tests.plan_deadline import seven_days_pass
from tandem_tests.running import EmbeddedTandem


@pytest.mark.requirement("EHCH-039")
async def test_agreed_on_day_seven_meets_the_clock_and_on_day_eight_has_breached_it(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")

    async def move(moment: str) -> None:
        moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
        assert moved.returncode == 0, moved.stderr

    await seven_days_pass(system, http, move)
