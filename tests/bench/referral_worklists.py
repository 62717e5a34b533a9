"""Worklists among many referrals: `python tests/bench/referral_worklists.py --few 10000 --many 1000000`.

A practice, its network and a performer have as many open referrals at both sizes; what everybody else has, and what is
closed, grows. `times` is how many times slower the same answer is among many (the aim is at most 1.5). The databases
are taken away afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "plugins")]

from http_load import request_bytes  # noqa: E402
from interactions import CLIENTS  # noqa: E402
from places import LOAD_CORE, Place, place  # noqa: E402
from rounds import Side, compare  # noqa: E402

from tandem.identity.periods import BEGINNING, FOREVER  # noqa: E402
from tandem_tests.running import TandemProcess  # noqa: E402

AIM: Final = 1.5
PRACTICE, PERFORMER = "A81001", "RX001"
OWN: Final = 500
"""Open referrals of the practice's people, a fifth of them asked of the performer."""
QUESTIONS: Final = {
    "of a practice": f"ServiceRequest/$worklist?practice={PRACTICE}&_count=20",
    "of a practice, late answers": f"ServiceRequest/$worklist?practice={PRACTICE}&state=late-answer&_count=20",
    "of a performer": f"ServiceRequest/$worklist?performer={PERFORMER}&_count=20",
}
_AT: Final = 1_593_590_400_000_000
_HOUR: Final = 3_600_000_000
_STANDS: Final = "(ARRAY['waiting-for-answer','answered','in-progress','unanswered','partly-done'])[1 + i % 5]"


async def referral_worklists(where: Place, *, few: int, many: int, seconds: float, rounds: int) -> dict[str, Any]:
    """For each question: both sizes, and `times` between them."""
    found: dict[str, Any] = {"few": few, "many": many, "own": OWN, "aim": AIM}
    services = []
    for referrals in (few, many):
        database = where.database("referral-service")
        await seed(database, referrals)
        services.append(where.service("referral-service", database))
    token = where.token(PRACTICE)
    for name, question in QUESTIONS.items():
        sides = [_side(service, question, token) for service in services]
        compared = await compare(*sides, status=200, clients=CLIENTS, seconds=seconds, rounds=rounds)
        found[name] = {
            "few": compared["floor"], "many": compared["tandem"], "times": round(1 / compared["ratio"], 3),
        }  # fmt: skip
    return found


async def seed(url: str, referrals: int) -> None:
    """So many referrals in an empty database: the practice's, and those of others, nine of ten of them closed."""
    raw = await asyncpg.connect(url)
    await raw.execute(
        "INSERT INTO patient (id, practice) SELECT 'own-' || n, $2 FROM generate_series(0, $1::int - 1) n",
        OWN,
        PRACTICE,
    )
    await raw.execute(
        "INSERT INTO access (patient, organisation, reason, starts, ends)"
        " SELECT 'own-' || n, $2, 'registered', $3, $4 FROM generate_series(0, $1::int - 1) n",
        OWN, PRACTICE, BEGINNING, FOREVER,
    )  # fmt: skip
    await raw.execute(
        "INSERT INTO referral_loop (request, task, patient, opened, kind, requester, owner, request_status, sent,"
        " round, stands, waits, asked, answer_due, done_due, practice)"
        " SELECT 'r-' || i, 't-' || i, CASE WHEN own THEN 'own-' || i ELSE 'other-' || i % 100000 END, $2 + i, 'other',"
        " practice, CASE WHEN own AND i % 5 = 0 THEN $4 ELSE 'RY' || i % 300 END,"
        f" CASE WHEN open THEN 'active' ELSE 'completed' END, 1, 1, CASE WHEN open THEN {_STANDS} ELSE 'closed' END,"
        " CASE WHEN open THEN 1 ELSE 0 END, $2 + i, $2 + i + $5, $2 + i + 24 * $5, practice"
        " FROM (SELECT i, i < $1 AS own, i < $1 OR i % 10 = 0 AS open,"
        " CASE WHEN i < $1 THEN $3 ELSE 'B8' || lpad((i % 6500)::text, 4, '0') END AS practice"
        " FROM generate_series(0::bigint, $6::bigint - 1) i) numbered",
        OWN, _AT, PRACTICE, PERFORMER, _HOUR, referrals,
    )  # fmt: skip
    await raw.execute("VACUUM ANALYZE")
    await raw.close()


def _side(service: TandemProcess, question: str, token: str) -> Side:
    return Side(service.url, service.pid, [request_bytes("GET", f"{service.url}/fhir/{question}", token)])


def main() -> None:
    """Run, print, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--to", type=Path, default=HERE / "results" / "referral_worklists.json")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    sizes = {"few": arguments.few, "many": arguments.many, "seconds": arguments.seconds, "rounds": arguments.rounds}
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, place(Path(folder)) as where:
        found = asyncio.run(referral_worklists(where, **sizes))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = {"at": at, "load_average_at_end": [round(each, 1) for each in os.getloadavg()], **found}
    arguments.to.write_text(json.dumps(found, indent=1) + "\n")
    for name in QUESTIONS:
        sizes_of = " and ".join(f"{found[name][size]['per_second']}/s" for size in ("few", "many"))
        print(f"{name}: {sizes_of}, x{found[name]['times']} (aim: at most x{AIM})")


if __name__ == "__main__":
    main()
