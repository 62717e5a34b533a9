"""Benchmarks of Tandem beside their floors, in one run: `python tests/bench/run.py --size small|pcn|ics`.

A figure is only as good as its neighbour, so each is printed with the floor of the same run, its ratio and its aim.
Falling short of an aim is told, and fails nothing.
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

from interactions import interactions  # noqa: E402
from places import LOAD_CORE, place  # noqa: E402

SIZES: dict[str, dict[str, Any]] = {
    "small": {"tasks": 100_000, "seconds": 3.0, "rounds": 5},
    "pcn": {"tasks": 100_000, "seconds": 8.0, "rounds": 9},
    "ics": {"tasks": 1_000_000, "seconds": 15.0, "rounds": 9},
}


async def run(size: str, only: str) -> dict[str, Any]:
    settings = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, place(Path(folder)) as where:
        return await interactions(where, **settings, only=only)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    print(json.dumps(asyncio.run(run(arguments.size, arguments.only)), indent=1))


if __name__ == "__main__":
    main()
