"""The rows of quarterly reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from metrics_service.domain.practice_reports.content import Content, read, written
from metrics_service.domain.practice_reports.figures import ReportFigure, kept, read_figure
from metrics_service.domain.practice_reports.template import Template
from metrics_service.practice_reports.template_rows import questions_kept, questions_read
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class Report:
    """A report by the last day of its period. `figures` and `template` are those it was submitted with, else None."""

    practice: str
    period: date
    content: Content
    figures: Mapping[str, ReportFigure] | None
    template: Template | None
    submitted: date | None


async def report_of(connection: Connection, practice: str, period: date) -> Report:
    """The report of a period; an empty one when nothing was written yet."""
    row = await connection.fetchrow(
        "SELECT * FROM practice_report WHERE practice = $1 AND period = $2", practice, period.toordinal()
    )
    return _read(row) if row is not None else Report(practice, period, Content(), None, None, None)


async def submitted_days(connection: Connection, practice: str) -> dict[date, date]:
    """On which day the report of each period was submitted, by the last day of the period."""
    rows = await connection.fetch(
        "SELECT period, submitted_day FROM practice_report WHERE practice = $1 AND submitted_day IS NOT NULL", practice
    )
    return {date.fromordinal(row["period"]): date.fromordinal(row["submitted_day"]) for row in rows}


async def keep_content(connection: Connection, practice: str, period: date, content: Content, at: int) -> None:
    """Write what the practice says."""
    await connection.execute(
        "INSERT INTO practice_report (practice, period, content_json, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (practice, period) DO UPDATE SET content_json = excluded.content_json, at = excluded.at",
        practice, period.toordinal(), encode(written(content)), at,
    )  # fmt: skip


async def keep_submission(
    connection: Connection, report: Report, figures: Mapping[str, ReportFigure], template: Template, day: date, by: str,
) -> None:  # fmt: skip
    """Write that the report was submitted, with its figures and the template that it followed."""
    followed = {
        "version": template.version, "first": template.first.isoformat(), "publisher": template.publisher,
        "questions": questions_kept(template.questions),
    }  # fmt: skip
    await connection.execute(
        "UPDATE practice_report SET figures_json = $3, template_json = $4, submitted_day = $5, submitted_by = $6"
        " WHERE practice = $1 AND period = $2",
        report.practice, report.period.toordinal(), encode({name: kept(each) for name, each in figures.items()}),
        encode(followed), day.toordinal(), by,
    )  # fmt: skip


def _read(row: Row) -> Report:
    figures, template = row["figures_json"], row["template_json"]
    submitted = row["submitted_day"]
    return Report(
        row["practice"], date.fromordinal(row["period"]), read(decode(bytes(row["content_json"]))),
        {name: read_figure(each) for name, each in decode(bytes(figures)).items()} if figures is not None else None,
        _template(decode(bytes(template))) if template is not None else None,
        date.fromordinal(submitted) if submitted is not None else None,
    )  # fmt: skip


def _template(held: dict[str, Any]) -> Template:
    return Template(
        int(str(held["version"])), date.fromisoformat(str(held["first"])), questions_read(held["questions"]),
        str(held["publisher"]) if held["publisher"] is not None else None,
    )  # fmt: skip
