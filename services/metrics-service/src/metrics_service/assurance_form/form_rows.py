"""The rows of assurance forms."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from metrics_service.domain.assurance_form.form import Baseline, Form, Partner, PlanTemplate
from metrics_service.domain.practice_reports.content import Intervention
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode


@dataclass(frozen=True, slots=True)
class Held:
    """A form as it stands: draft, submitted, returned or approved. `baseline` is that it was submitted with."""

    practice: str
    state: str
    form: Form
    baseline: Baseline | None = None
    submitted: date | None = None
    decided: date | None = None
    decided_by: str | None = None
    reason: str | None = None


async def form_of(connection: Connection, practice: str) -> Held:
    """The form of a practice; an empty draft when nothing was written yet."""
    row = await connection.fetchrow("SELECT * FROM assurance_form WHERE practice = $1", practice)
    if row is None:
        return Held(practice, "draft", Form())
    baseline = decode(bytes(row["baseline_json"])) if row["baseline_json"] is not None else None
    return Held(
        practice, row["state"], _form(decode(bytes(row["form_json"]))),
        Baseline(baseline["number"], baseline["date"], tuple(baseline["fields"]), baseline["figures"])
        if baseline is not None else None,
        _day(row["submitted_day"]), _day(row["decided_day"]), row["decided_by"], row["reason"],
    )  # fmt: skip


async def keep_form(connection: Connection, practice: str, form: Form, at: int) -> None:
    """Write what the practice says, and whom it names as working with it."""
    await connection.execute(
        "INSERT INTO assurance_form (practice, state, form_json, at) VALUES ($1, 'draft', $2, $3)"
        " ON CONFLICT (practice) DO UPDATE SET form_json = excluded.form_json, at = excluded.at",
        practice, encode(asdict(form)), at,
    )  # fmt: skip
    await connection.execute("DELETE FROM assurance_collaboration WHERE practice = $1", practice)
    await connection.executemany(
        "INSERT INTO assurance_collaboration (practice, with_practice) VALUES ($1, $2)",
        [(practice, each) for each in form.collaborations],
    )


async def keep_submission(connection: Connection, practice: str, baseline: Baseline, day: date, by: str) -> None:
    """Write that the form was submitted with this baseline."""
    await connection.execute(
        "UPDATE assurance_form SET state = 'submitted', baseline_json = $2, submitted_day = $3, submitted_by = $4,"
        " decided_day = NULL, decided_by = NULL, reason = NULL WHERE practice = $1",
        practice, encode(asdict(baseline)), day.toordinal(), by,
    )  # fmt: skip


async def keep_decision(
    connection: Connection, practice: str, state: str, day: date, by: str, reason: str | None
) -> None:
    """Write that the commissioner approved the form, or returned it."""
    await connection.execute(
        "UPDATE assurance_form SET state = $2, decided_day = $3, decided_by = $4, reason = $5 WHERE practice = $1",
        practice, state, day.toordinal(), by, reason,
    )  # fmt: skip


async def works_with(connection: Connection, practice: str, other: str) -> bool:
    """Whether a practice's form, once submitted, names the other one."""
    found = await connection.fetchval(
        "SELECT 1 FROM assurance_collaboration c JOIN assurance_form f ON f.practice = c.practice"
        " WHERE c.practice = $1 AND c.with_practice = $2 AND f.submitted_day IS NOT NULL",
        practice, other,
    )  # fmt: skip
    return found is not None


def _form(held: dict[str, Any]) -> Form:
    template = held["plan_template"]
    return Form(
        held["statements"],
        {name: Intervention(**{**each, "feedback": ()}) for name, each in held["interventions"].items()},
        tuple(Partner(**each) for each in held["partners"]), held["collaborations"],
        PlanTemplate(**template) if template is not None else None,
    )  # fmt: skip


def _day(number: int | None) -> date | None:
    return date.fromordinal(number) if number is not None else None
