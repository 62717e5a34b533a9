"""A round gives a resident's structured medication review to a pharmacist only (EHCH-037, 001 EHCH workforce)."""

from __future__ import annotations

from mdt_service.domain.home_rounds.flags import focus_of
from mdt_service.domain.home_rounds.round_tasks import asks_for_medication_review
from mdt_service.home_rounds.policy_rows import policy_on
from mdt_service.home_rounds.round_rows import round_row
from mdt_service.home_rounds.round_team import member_named
from mdt_service.home_rounds.series_rows import areas_of, series_row
from tandem.clock import to_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import date_of
from tandem.nhs.staff_kinds import kind_names
from tandem.service import Change, Work


async def refuse_who_may_not_review_medicines(change: Change, work: Work) -> None:
    """Raises FhirError 422 when the action of a round is given to somebody of another kind than the policy names."""
    task = change.after
    if task is None or not asks_for_medication_review(task) or task.get("owner") == (change.before or {}).get("owner"):
        return
    row = await round_row(work.connection, focus_of(task, "Appointment"))
    series = await series_row(work.connection, row.schedule) if row is not None else None
    if row is None or series is None:
        return
    areas, day = await areas_of(work.connection, series, to_micros(work.now)), date_of(row.day)
    policy = await policy_on(work.connection, areas, day)
    member = await member_named(work.connection, str((task.get("owner") or {}).get("reference") or ""), day)
    if member is None or not member.kinds & set(policy.medication_review):
        allowed = ", ".join(kind_names()[each] for each in policy.medication_review)
        text = (
            "A resident's structured medication review is given to a member of staff of a kind that does them (001 EHCH"
            f" workforce; policy {policy.version}): {allowed}"
        )
        raise FhirError(Kind.BUSINESS_RULE, text, expression="Task.owner")
