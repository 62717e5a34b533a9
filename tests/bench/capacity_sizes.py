"""What a practice, a network and a system come to, from a run of capacity.py: `python tests/bench/capacity_sizes.py`.

Everything grows with the number of people; nothing else is assumed. The figures are those of the largest run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_RESULT = Path(__file__).resolve().parent / "results" / "capacity.json"
SIZES: Final = {"practice": 10_000, "network": 50_000, "system": 1_000_000}
_WORKING_DAYS: Final = 250
_GIB: Final = 1024
_HOUR: Final = 3600


def sizes(run: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Name of a figure -> its value for each of SIZES."""
    databases, cpu, people = run["databases"].values(), run["cpu_seconds"], run["patients"]
    written = sum(each["events_written"] for each in databases)
    records = run["records"]
    daily = run["records_of_the_last_year"] / _WORKING_DAYS
    of_the_run = {
        "records": records,
        "rows, in millions": sum(each["rows"] for each in databases) / 1e6,
        "disk, GiB": sum(each["mib"] for each in databases) / _GIB,
        "  of which cohort-service": run["databases"]["cohort-service"]["mib"] / _GIB,
        "  of which metrics-service": run["databases"]["metrics-service"]["mib"] / _GIB,
        "WAL of the load, GiB": run["wal_mib"] / _GIB,
        "processor hours of the load, services": (sum(cpu.values()) - cpu["postgresql"]) / _HOUR,
        "  of which cohort-service, one process": cpu["cohort-service"] / _HOUR,
        "processor hours of the load, PostgreSQL": cpu["postgresql"] / _HOUR,
        "events of the load": written,
        "records a working day": daily,
        "events a working day": daily * written / records,
        "effects of events a working day": daily * sum(each["events_taken"] for each in databases) / records,
    }
    return {name: {size: value * many / people for size, many in SIZES.items()} for name, value in of_the_run.items()}


def table(found: dict[str, dict[str, float]], shown: Callable[[float], str]) -> str:
    """The figures in Markdown."""
    heads = [f"{size}, {many:,} people" for size, many in SIZES.items()]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(shown(value) for value in row.values())} |" for name, row in found.items()]
    return "\n".join(lines)


def two_digits(value: float) -> str:
    """A number as long as it deserves: two digits that count."""
    if value >= 100:
        places = len(str(int(value))) - 2
        return f"{round(value, -places):,.0f}"
    return f"{value:.2g}"


if __name__ == "__main__":
    largest = max(json.loads(_RESULT.read_text())["runs"], key=lambda run: run["patients"])
    sys.stdout.write(f"{table(sizes(largest), two_digits)}\n")
