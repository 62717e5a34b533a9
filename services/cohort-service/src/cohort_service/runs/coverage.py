"""Notes whom a complete run looked through, and plans anew what is owed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cohort_service.runs.duty_timers import plan_duty
from cohort_service.runs.run_counts import Counts
from cohort_service.runs.run_rows import Run
from cohort_service.runs.scope import every_practice, networks_of
from tandem.clock import to_micros
from tandem.service import Work


async def cover(
    work: Work, run: Run, services: Collection[str], practices: Sequence[str] | None, counts: Counts
) -> None:
    """Note that the practices were looked through for these services, and plan anew what their networks owe.

    `practices` None is everybody: then every practice that is entered counts as looked through, and those in `counts`.
    """
    covered = set(practices) if practices is not None else {*counts, *await every_practice(work.connection)}
    covered.discard("")
    await work.connection.executemany(
        "INSERT INTO identification_coverage (service, practice, run, day) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (service, practice, run) DO NOTHING",
        [(service, practice, run.id, run.as_of) for service in services for practice in sorted(covered)],
    )
    networks: set[str] = set()
    for practice in covered if services else ():
        networks.update(await networks_of(work.connection, practice, to_micros(work.now)))
    for network in sorted(networks):
        await plan_duty(work, network)
