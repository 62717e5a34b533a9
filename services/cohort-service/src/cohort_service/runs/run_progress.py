"""How far a run has come: what its job keeps between two chunks of people."""

from __future__ import annotations

import msgspec

from cohort_service.runs.run_counts import Counts
from tandem.fhir.jobs import JobRun


class Progress(msgspec.Struct):
    """`started` in microseconds, `as_of` a day as in facts, `after` the last person number that was taken.

    `definitions` and what networks had `chosen` are those that were counted with: when others are in force as the job
    goes on, it begins again.
    """

    run: str
    started: int
    as_of: int
    known_to: int
    definitions: dict[str, str]
    chosen: dict[str, dict[str, str]]
    total: int
    after: int = 0
    done: int = 0
    counts: Counts = {}

    def restarted(self, definitions: dict[str, str], chosen: dict[str, dict[str, str]]) -> Progress:
        """The same run from its beginning, with these definitions."""
        nothing: Counts = {practice: {} for practice in self.counts}
        return msgspec.structs.replace(
            self, definitions=definitions, chosen=chosen, after=0, done=0, counts=nothing
        )


def resumed(job: JobRun | None) -> Progress | None:
    """What the job had kept when its process ended; None for one that begins, and without a job."""
    if job is None or job.checkpoint is None:
        return None
    return msgspec.msgpack.decode(job.checkpoint, type=Progress)


async def keep(job: JobRun | None, progress: Progress) -> None:
    """Keep it with the job. Raises JobCancelled, JobLost."""
    if job is not None:
        await job.save(msgspec.msgpack.encode(progress), progress.done, progress.total)
