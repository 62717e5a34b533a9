"""The rows of a run that has ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohort_service.runs.run_counts import Counts
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is kept; see the table `identification_run`.

    `definitions` is cohort to name, `chosen` is cohort to practice to the parameters that its network chose otherwise.
    """

    id: str
    service: str | None
    organisation: str | None
    as_of: int
    dry_run: bool
    asked_by: str
    asked_for: str | None
    started: int
    finished: int
    known_to: int
    definitions: Mapping[str, str]
    parameters: Mapping[str, int]
    imported: bool = False
    tool: str | None = None
    tool_version: str | None = None
    data_day: int | None = None
    approach: str | None = None
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def definition_for(self, cohort: str, practices: Collection[str] | None) -> str:
        """The name of a definition, with what was chosen otherwise for any of these practices (None is all)."""
        by_values: dict[str, list[str]] = {}
        for practice, values in sorted(self.chosen.get(cohort, {}).items()):
            if practices is None or practice in practices:
                by_values.setdefault(values, []).append(practice)
        own = [f"{', '.join(of)}: {values}" for values, of in by_values.items()]
        return "; ".join([self.definitions.get(cohort, cohort), *own])


async def keep_run(connection: Connection, run: Run, counts: Counts) -> None:
    """Keep a run and its counts. Kept once: what is there already is the same."""
    kept = await connection.execute(
        "INSERT INTO identification_run (id, service, organisation, as_of, dry_run, imported, asked_by, asked_for,"
        " started, finished, known_to, tool, tool_version, data_day, approach, definitions_json)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING",
        run.id, run.service, run.organisation, run.as_of, int(run.dry_run), int(run.imported), run.asked_by,
        run.asked_for, run.started, run.finished, run.known_to, run.tool, run.tool_version, run.data_day, run.approach,
        encode({
            "definitions": dict(run.definitions), "parameters": dict(run.parameters), "chosen": dict(run.chosen),
        }),
    )  # fmt: skip
    if kept:
        await connection.executemany(
            "INSERT INTO identification_run_practice (run, practice, counts_json) VALUES ($1, $2, $3)",
            [(run.id, practice, encode(each)) for practice, each in sorted(counts.items())],
        )


def run_of(row: Row) -> Run:
    """The run of a row."""
    told: dict[str, Any] = decode(bytes(row["definitions_json"]))
    return Run(
        row["id"], row["service"], row["organisation"], row["as_of"], bool(row["dry_run"]), row["asked_by"],
        row["asked_for"], row["started"], row["finished"], row["known_to"], told["definitions"], told["parameters"],
        bool(row["imported"]), row["tool"], row["tool_version"], row["data_day"], row["approach"],
        told.get("chosen", {}),
    )  # fmt: skip


async def find_run(connection: Connection, run: str) -> Run | None:
    """The run of this id."""
    row = await connection.fetchrow("SELECT * FROM identification_run WHERE id = $1", run)
    return run_of(row) if row is not None else None


async def counts_of(connection: Connection, run: str, practices: Sequence[str] | None) -> Counts:
    """What a run counted, of these practices, or of all."""
    narrowed = "" if practices is None else f" AND practice {among(connection.dialect, '$2', 'text')}"
    params = [] if practices is None else [array(connection.dialect, practices)]
    rows = await connection.fetch(
        f"SELECT practice, counts_json FROM identification_run_practice WHERE run = $1{narrowed}", run, *params
    )
    return {row["practice"]: decode(bytes(row["counts_json"])) for row in rows}


async def runs_covering(
    connection: Connection, practices: Sequence[str] | None, service: str | None, dry: bool, count: int, offset: int
) -> list[Run]:
    """The runs that looked at people of any of these practices (or all runs), the latest first."""
    conditions, params = ["1 = 1"], list[Any]()
    if practices is not None:
        params.append(array(connection.dialect, practices))
        conditions.append(
            "EXISTS (SELECT 1 FROM identification_run_practice c WHERE c.run = r.id"
            f" AND c.practice {among(connection.dialect, f'${len(params)}', 'text')})"
        )
    if service is not None:
        params.append(service)
        conditions.append(f"r.service = ${len(params)}")
    if not dry:
        conditions.append("r.dry_run = 0")
    rows = await connection.fetch(
        f"SELECT r.* FROM identification_run r WHERE {' AND '.join(conditions)}"
        f" ORDER BY r.started DESC, r.known_to DESC, r.id DESC LIMIT {count} OFFSET {offset}", *params,
    )  # fmt: skip
    return [run_of(row) for row in rows]
