"""The inbox of one provider among many Tasks: `python tests/bench/provider_inbox.py --few 10000 --many 1000000`.

The provider has 2,000 Tasks to do at both sizes, so that what it is answered is as large; what it and all others have
done grows. Each question is asked in turn of two services, one on each database (PostgreSQL), and `times` is how many
times slower the answer is among many (the aim is at most 1.5). The databases are taken away afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "plugins")]

from http_load import request_bytes  # noqa: E402
from inbox_seeding import FIRST, FIRST_ORGANIZATION, OPEN, OWNERS, STATUS, seed_inbox  # noqa: E402
from interactions import CLIENTS  # noqa: E402
from places import LOAD_CORE, Place, place  # noqa: E402
from rounds import Side, compare  # noqa: E402

from tandem.canonical import ODS_CODE  # noqa: E402
from tandem_tests.running import TandemProcess  # noqa: E402

AIM: Final = 1.5
QUESTIONS: Final = {
    "owner by reference": f"Task?owner=Organization/{FIRST_ORGANIZATION}&status={STATUS}&_sort=-_lastUpdated&_count=20",
    "owner by ODS code": f"Task?owner:identifier={ODS_CODE}|{FIRST}&status={STATUS}&_sort=-_lastUpdated&_count=20",
    "$inbox": f"Task/$inbox?owner={FIRST}&_count=20",
}


async def provider_inbox(where: Place, *, few: int, many: int, seconds: float, rounds: int) -> dict[str, Any]:
    """For each question: both sizes, and `times` between them."""
    found: dict[str, Any] = {"few": few, "many": many, "owners": OWNERS, "open": OPEN, "aim": AIM}
    services = []
    for tasks in (few, many):
        started, database = time.perf_counter(), where.database("mdt-service")
        await seed_inbox(database, tasks)
        found[f"filled_{tasks}_s"] = round(time.perf_counter() - started)
        services.append(where.service("mdt-service", database))
    token = where.token(FIRST)
    for name, question in QUESTIONS.items():
        sides = [_side(service, question, token) for service in services]
        compared = await compare(*sides, status=200, clients=CLIENTS, seconds=seconds, rounds=rounds)
        found[name] = {
            "few": compared["floor"], "many": compared["tandem"], "times": round(1 / compared["ratio"], 3),
        }  # fmt: skip
    return found


def _side(service: TandemProcess, question: str, token: str) -> Side:
    return Side(service.url, service.pid, [request_bytes("GET", f"{service.url}/fhir/{question}", token)])


def main() -> None:
    """Run, print, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--to", type=Path, default=HERE / "results" / "provider_inbox.json")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    sizes = {"few": arguments.few, "many": arguments.many, "seconds": arguments.seconds, "rounds": arguments.rounds}
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, place(Path(folder)) as where:
        found = asyncio.run(provider_inbox(where, **sizes))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = {"at": at, "load_average_at_end": [round(each, 1) for each in os.getloadavg()], **found}
    arguments.to.write_text(json.dumps(found, indent=1) + "\n")
    for name in QUESTIONS:
        sizes_of = " and ".join(f"{found[name][size]['per_second']}/s" for size in ("few", "many"))
        print(f"{name}: {sizes_of}, x{found[name]['times']} (aim: at most x{AIM})")


if __name__ == "__main__":
    main()
