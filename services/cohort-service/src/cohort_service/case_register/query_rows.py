"""The rows of a commissioner's queries of how a register was compiled; one without an answer is open."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Query:
    """Times are microseconds; who asked and who answered are codes."""

    number: int
    question: str
    asked_by: str
    asked_at: int
    answer: str | None = None
    answered_by: str | None = None
    answered_at: int | None = None

    @property
    def open(self) -> bool:
        return self.answer is None


async def queries_of(connection: Connection, practice: str) -> list[Query]:
    """All about a practice's register, in the order in which they were asked."""
    rows = await connection.fetch(
        "SELECT number, question, asked_by, asked_at, answer, answered_by, answered_at FROM register_query"
        " WHERE practice = $1 ORDER BY number",
        practice,
    )
    return [
        Query(
            row["number"], row["question"], row["asked_by"], row["asked_at"], row["answer"], row["answered_by"],
            row["answered_at"],
        )
        for row in rows
    ]  # fmt: skip


async def ask(connection: Connection, practice: str, query: Query) -> None:
    """Write a new one."""
    await connection.execute(
        "INSERT INTO register_query (practice, number, question, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5)",
        practice, query.number, query.question, query.asked_by, query.asked_at,
    )  # fmt: skip


async def answer_query(connection: Connection, practice: str, number: int, text: str, by: str, at: int) -> bool:
    """Write the answer; False when the query has one already."""
    changed = await connection.execute(
        "UPDATE register_query SET answer = $3, answered_by = $4, answered_at = $5"
        " WHERE practice = $1 AND number = $2 AND answer IS NULL",
        practice, number, text, by, at,
    )  # fmt: skip
    return changed == 1
