"""The rows of report templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics_service.domain.practice_reports.template import Question, Template
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


async def templates_of(connection: Connection, commissioner: str | None) -> list[Template]:
    """Those that a commissioner published, the oldest first; none where nobody commissions."""
    if commissioner is None:
        return []
    rows = await connection.fetch(
        "SELECT version, first_day, questions_json FROM report_template WHERE commissioner = $1 ORDER BY version",
        commissioner,
    )
    return [
        Template(
            row["version"], date.fromordinal(row["first_day"]), questions_read(decode(bytes(row["questions_json"]))),
            commissioner,
        )
        for row in rows
    ]  # fmt: skip


async def keep_template(
    connection: Connection, commissioner: str, first: date, questions: Sequence[Question], by: str, at: int
) -> None:
    """Write the next version."""
    version = 1 + int(await connection.fetchval(
        "SELECT COUNT(*) FROM report_template WHERE commissioner = $1", commissioner
    ))  # fmt: skip
    await connection.execute(
        "INSERT INTO report_template (commissioner, version, first_day, questions_json, published_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        commissioner, version, first.toordinal(), encode(questions_kept(questions)), by, at,
    )  # fmt: skip


def questions_kept(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Questions as they are kept."""
    return [{"name": each.name, "text": each.text, "required": each.required} for each in questions]


def questions_read(kept: Sequence[dict[str, Any]]) -> tuple[Question, ...]:
    """What `questions_kept` made, again."""
    return tuple(Question(each["name"], each["text"], each["required"]) for each in kept)
