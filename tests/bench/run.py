"""Benchmarks of Tandem beside their floors, in one run: `python tests/bench/run.py --size small|pcn|ics`.

A figure is only as good as its neighbour, so each is printed with the floor of the same run, its ratio and its aim.
Falling short of an aim is told, and fails nothing. `--only create,read` runs some parts; `--to FILE` keeps
their result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "plugins")]

from cohorts import cohorts  # noqa: E402
from contributions import contributions  # noqa: E402
from dashboard_pages import dashboard  # noqa: E402
from events import inbox, latency, relay  # noqa: E402
from folding import measures_fold  # noqa: E402
from footprint import footprint  # noqa: E402
from home_pages import homes  # noqa: E402
from ingest import load, synthea  # noqa: E402
from ingest_services import load_services  # noqa: E402
from interactions import interactions  # noqa: E402
from measures import measures_figures, measures_lag  # noqa: E402
from places import LOAD_CORE, Place, place  # noqa: E402
from referral_loops import referral_loops  # noqa: E402
from report import report  # noqa: E402
from shared_plan import shared_plan  # noqa: E402

SIZES: dict[str, dict[str, Any]] = {
    "small": {"tasks": 100_000, "seconds": 3.0, "rounds": 5, "files": 6, "loads": 3, "events": 5_000,
              "people": 2_000, "folded": 20_000},
    "pcn": {"tasks": 100_000, "seconds": 8.0, "rounds": 9, "files": 12, "loads": 5, "events": 20_000,
            "people": 50_000, "folded": 200_000},
    "ics": {"tasks": 1_000_000, "seconds": 15.0, "rounds": 9, "files": 12, "loads": 5, "events": 50_000,
            "people": 1_000_000, "folded": 1_000_000},
}  # fmt: skip
# SQLite is for a practice or a network
_MOST_ON_SQLITE = 50_000
# pages are a network's, however many people the rest of a run has
_LARGEST_NETWORK = 50_000
PARTS = (
    "create", "read", "search", "load", "latency", "relay", "inbox", "footprint", "shared-plan", "cohorts",
    "contributions", "referral-loops", "measures-fold", "measures-lag", "measures-figures",
    "dashboard", "homes",
)  # fmt: skip


async def run(size: str, parts: list[str]) -> dict[str, Any]:
    """The figures of each part, by name."""
    settings = SIZES[size]
    found: dict[str, Any] = {}
    for part in parts:
        print(f"{part} ...", file=sys.stderr, flush=True)
        # Each part has servers of its own, so that none runs beside another's.
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, place(Path(folder)) as where:
            found.update(await _part(part, where, settings))
    return found


async def _part(part: str, where: Place, settings: dict[str, Any]) -> dict[str, Any]:
    rounds, events = settings["rounds"], settings["events"]
    match part:
        case "load":
            records = synthea(HERE.parents[1])
            if records is None:
                print("LOAD SKIPPED: no ../shared/data/synthea, and TANDEM_SHARED names none", file=sys.stderr)
                return {"load": {"skipped": "there are no Synthea bundles"}}
            sizes = {"files": settings["files"], "rounds": settings["loads"]}
            embedded = await load(records, where.folder, **sizes)
            return {"load": embedded, "load-services": await load_services(records, where.folder, **sizes)}
        case "cohorts":
            # The databases do the work here, on whatever core there is.
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
            people = settings["people"]
            try:
                # a round over a million takes minutes
                few = 5 if people <= _MOST_ON_SQLITE else 2
                return await cohorts(where, people=people, rounds=min(rounds, few), sqlite=people <= _MOST_ON_SQLITE)
            finally:
                os.sched_setaffinity(0, {LOAD_CORE})
        case "measures-fold":
            folded = settings["folded"]
            # A million takes minutes, and is its own average.
            return {"measures-fold": await measures_fold(where, events=folded, rounds=3 if folded < 10**6 else 1)}
        case "measures-lag":
            return {"measures-lag": await measures_lag(where, changes=100)}
        case "measures-figures":
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
            people = settings["people"]
            try:
                return {"measures-figures": await measures_figures(where, people=people, rounds=min(rounds, 3))}
            finally:
                os.sched_setaffinity(0, {LOAD_CORE})
        case "dashboard":
            people = min(settings["people"], _LARGEST_NETWORK)
            return {"dashboard": await dashboard(where, people=people, readings=100)}
        case "homes":
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
            try:
                return {"homes": await homes(where, people=min(settings["people"], _LARGEST_NETWORK))}
            finally:
                os.sched_setaffinity(0, {LOAD_CORE})
        case "contributions":
            return {"contributions": await contributions(where, each=10)}
        case "referral-loops":
            return {"referral-loops": await referral_loops(where, loops=rounds * 60, messages=rounds * 40)}
        case "latency":
            return {"latency": await latency(where, seconds=settings["seconds"], rounds=rounds)}
        case "relay":
            return {"relay": await relay(where, events=events, rounds=rounds)}
        case "inbox":
            return {"inbox": await inbox(where, events=events, rounds=rounds)}
        case "shared-plan":
            return {"shared-plan": await shared_plan(where, readings=rounds * 20)}
        case "footprint":
            return {"footprint": await footprint(where, rounds=min(rounds, 5))}
    return await interactions(where, part, tasks=settings["tasks"], seconds=settings["seconds"], rounds=rounds)


def main() -> None:
    """Run, print, and keep what a whole run found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--to", type=Path, help="the file for the result; that of a whole run has a place of its own")
    arguments = parser.parse_args()
    parts = arguments.only.split(",") if arguments.only else list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    # The load runs on the last core and the servers on the first; PostgreSQL and RabbitMQ go where there is room.
    os.sched_setaffinity(0, {LOAD_CORE})
    figures = asyncio.run(run(arguments.size, parts))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    result = {"size": arguments.size, "at": at, "machine": _machine(), **figures}
    print(report(result))
    whole = None if arguments.only else HERE / "results" / f"{arguments.size}.json"
    if (kept := arguments.to or whole) is not None:
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(result, indent=1) + "\n")


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform(),
        "load_average_at_end": [round(each, 1) for each in os.getloadavg()],
    }  # fmt: skip


if __name__ == "__main__":
    main()
