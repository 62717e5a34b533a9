"""Rounds: floor and system in turn, several times, and what the pairs say."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from http_load import spell
from places import cpu_seconds


@dataclass(slots=True)
class Side:
    """One of the two that are compared."""

    url: str
    pid: int
    requests: list[bytes]
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    async def load(self, status: int, clients: int, seconds: float, *, count: bool = True) -> None:
        """One spell of load."""
        before = cpu_seconds([self.pid])
        tally = await spell(self.url, self.requests, status=status, clients=clients, seconds=seconds)
        used = cpu_seconds([self.pid]) - before
        if tally.refused or not tally.seconds:
            raise RuntimeError(f"{tally.refused} requests were refused at {self.url}, {len(tally.seconds)} were not")
        if count:
            ordered = sorted(tally.seconds)
            self.rates.append(tally.rate)
            self.cpu.append(used / len(ordered) * 1e6)
            self.p50.append(ordered[len(ordered) // 2] * 1e3)
            self.p99.append(ordered[int(len(ordered) * 0.99)] * 1e3)

    def figures(self) -> dict[str, float]:
        """Medians over the rounds; the least processor time, which noise does not lower."""
        return {
            "per_second": round(median(self.rates), 1), "cpu_us_min": round(min(self.cpu)),
            "cpu_us_median": round(median(self.cpu)), "p50_ms": round(median(self.p50), 2),
            "p99_ms": round(median(self.p99), 2),
        }  # fmt: skip


async def compare(floor: Side, ours: Side, *, status: int, clients: int, seconds: float, rounds: int) -> dict[str, Any]:
    """Both in turn. `ratio` is the median of ours/floor, pair by pair; `cpu_ratio` that of floor/ours in CPU time."""
    for side in (floor, ours):
        await side.load(status, clients, min(seconds, 2.0), count=False)
    for number in range(rounds):
        for side in (floor, ours) if number % 2 == 0 else (ours, floor):
            await side.load(status, clients, seconds)
    return {
        "floor": floor.figures(), "tandem": ours.figures(),
        "ratio": round(median(mine / least for mine, least in zip(ours.rates, floor.rates, strict=True)), 3),
        "cpu_ratio": round(min(floor.cpu) / min(ours.cpu), 3),
    }  # fmt: skip
