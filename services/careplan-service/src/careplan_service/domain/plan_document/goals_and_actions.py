"""Goals and hopes, and who does what for them, by when, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from careplan_service.domain.plan_activities import is_told_status
from careplan_service.domain.plan_document.annotation import notes_in_words
from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.people import plain_key
from careplan_service.domain.plan_document.plain_words import (
    FINISHED_WORK,
    GOAL_PROGRESS,
    GOAL_STATUS,
    WORK_STATUS,
    codes_of,
    concept_in_words,
    date_in_words,
    day_of,
)
from careplan_service.domain.plan_document.section import Section, paragraph, reference_of, unique
from careplan_service.domain.plan_document.work_outcome import answers_of_referrals, outcome
from careplan_service.domain.plans.goal_activities import activities_by_goal, work_towards
from tandem.fhir.body import Resource
from tandem.printing.blocks import Block, Facts, Table, Text

_WITHDRAWN: Final = "entered-in-error"


def goals(known: Known) -> Section:
    """Each goal with who said it, how it goes, by when, and what is done for it."""
    held = goals_in_order(known)
    work = [work_towards(each, reference_of(each)) for each in known.work if each["resourceType"] in _WORK]
    done = activities_by_goal(known.plan, work)
    blocks: list[Block] = []
    for goal in held:
        blocks.append(Text("h3", goal_text(goal)))
        contained = f"#{goal['id']}"
        towards = [*done.get(str(goal["id"]), ()), *done.get(contained, ())]
        activities = [each.description for each in towards if each.description]
        blocks.append(Facts(tuple(_goal(known, goal, activities))))
    named = known.plan.get("goal") or ()
    if not held:
        blocks.append(paragraph("No goals are recorded here yet."))
    elif len(held) < len(named):
        blocks.append(paragraph(f"{len(named) - len(held)} more: not shown with this access, or no longer there."))
    entries = [reference_of(each) for each in held if known.find({"reference": reference_of(each)}) is not None]
    return Section("goals", "My goals and hopes", tuple(blocks), tuple(entries))


_WORK: Final = ("Task", "ServiceRequest")


def goals_in_order(known: Known) -> list[Resource]:
    """The goals that the plan names, as far as they are there."""
    found = [known.find(each) for each in known.plan.get("goal") or ()]
    return [each for each in found if each is not None and each.get("lifecycleStatus") != _WITHDRAWN]


def goal_text(goal: Resource) -> str:
    """The goal in words."""
    return concept_in_words(goal.get("description")) or "A goal without words"


def actions(known: Known) -> Section:
    """A table of who does what, by when, and how it stands: what is open stands first."""
    rows = [(_is_closed(status), row) for status, row in _rows(known)]
    ordered = [row for closed, row in sorted(rows, key=lambda each: each[0])]
    blocks: list[Block] = []
    if ordered:
        blocks.append(Table(("What", "Who", "When", "How it stands"), tuple(ordered)))
    for kind in ("Task", "ServiceRequest", "Appointment"):
        if why := known.away.get(kind):
            blocks.append(paragraph(f"{_KINDS[kind]} are {why}. What is shown is what this service heard of last."))
    if not blocks:
        blocks.append(paragraph("No actions are recorded here yet."))
    entries = [reference_of(each) for each in known.work if "heard" not in each]
    title = "What we do: who, what and when"
    return Section("actions", title, tuple(blocks), tuple(unique(entries)), "plan-and-requested-actions")


_KINDS: Final = {"Task": "Tasks", "ServiceRequest": "Referrals", "Appointment": "Appointments"}


def _goal(known: Known, goal: Resource, activities: list[str]) -> list[tuple[str, str]]:
    progress = next((GOAL_PROGRESS[c] for c in codes_of([goal.get("achievementStatus")]) if c in GOAL_PROGRESS), "")
    status = GOAL_STATUS.get(str(goal.get("lifecycleStatus")), "")
    rows = [
        ("How it goes", "; ".join(each for each in (status, progress) if each)), ("By when", _due(goal)),
        ("Whose goal", _whose(known, goal)), ("What we do", "\n".join(activities)),
        ("What came of it", "\n".join(concept_in_words(each) for each in goal.get("outcomeCode") or ())),
        ("Notes", "\n".join(notes_in_words(goal.get("note"), known.people))),
    ]  # fmt: skip
    return [(label, text) for label, text in rows if text]


def _whose(known: Known, goal: Resource) -> str:
    said = goal.get("expressedBy")
    return known.people.name(said) if said else ""


def _due(goal: Resource) -> str:
    return ", ".join(filter(None, [date_in_words(each.get("dueDate")) for each in goal.get("target") or ()]))


def _rows(known: Known) -> list[tuple[str, tuple[str, str, str, str]]]:
    named = {plain_key(each["reference"]): each for each in known.plan.get("activity") or () if each.get("reference")}
    rows = [_written_out(known, each) for each in known.plan.get("activity") or () if each.get("detail")]
    answers = answers_of_referrals(known.work)
    beside = {reference_of(each) for tasks in answers.values() for each in tasks} - set(named)
    shown = set()
    for work in known.work:
        reference = reference_of(work)
        shown.add(reference)
        if work.get("status") != _WITHDRAWN and reference not in beside:
            progress = named.get(reference, {}).get("progress") or ()
            rows.append(_of_work(known, work, progress, answers.get(reference, ())))
    for reference, activity in named.items():
        if reference not in shown:
            text = _display(activity["reference"])
            rows.append(("unknown", (text, "", "", "recorded elsewhere, not shown here")))
    return rows


def _display(reference: dict[str, Any]) -> str:
    return str(reference.get("display") or "An action")


def _written_out(known: Known, activity: dict[str, Any]) -> tuple[str, tuple[str, str, str, str]]:
    detail = activity["detail"]
    what = detail.get("description") or concept_in_words(detail.get("code")) or "An action without words"
    who = ", ".join(known.people.name_and_work(each) for each in detail.get("performer") or ())
    period = detail.get("scheduledPeriod") or {}
    when = detail.get("scheduledString") or _span(period.get("start"), period.get("end"))
    notes = notes_in_words(activity.get("progress"), known.people)
    status = str(detail.get("status"))
    came = [concept_in_words(each) for each in activity.get("outcomeCodeableConcept") or ()]
    return status, (str(what), who, str(when), _standing(known, status, period.get("end"), [*came, *notes]))


def _of_work(
    known: Known, work: Resource, progress: Any, answers: Sequence[Resource]
) -> tuple[str, tuple[str, str, str, str]]:
    status = str(work.get("status"))
    # The status of the work stands beside it in plain words already.
    notes = notes_in_words((each for each in progress if not is_told_status(str(each.get("text")))), known.people)
    words = [*outcome(work, answers, known.people), *notes]
    start, end = _times(work)
    who = ", ".join(known.people.name_and_work(each) for each in _doers(work))
    return status, (_what(work), who, _span(start, end), _standing(known, status, end, words))


def _what(work: Resource) -> str:
    concepts = [work.get("code"), *(work.get("serviceType") or ()), *(work.get("orderDetail") or ())]
    words = (concept_in_words(each) for each in concepts if isinstance(each, dict))
    return str(work.get("description") or next((each for each in words if each), "") or "An action without words")


def _doers(work: Resource) -> list[Any]:
    match work["resourceType"]:
        case "Task":
            return [work["owner"]] if work.get("owner") else []
        case "ServiceRequest":
            return list(work.get("performer") or ())
    actors = [each.get("actor") for each in work.get("participant") or ()]
    return [each for each in actors if each and not str(each.get("reference") or "").startswith("Patient/")]


def _times(work: Resource) -> tuple[Any, Any]:
    match work["resourceType"]:
        case "Task":
            period = (work.get("restriction") or {}).get("period") or work.get("executionPeriod") or {}
            return None, period.get("end")
        case "ServiceRequest":
            period = work.get("occurrencePeriod") or {}
            return work.get("occurrenceDateTime") or period.get("start"), period.get("end")
    return work.get("start"), None


def _span(start: Any, end: Any) -> str:
    first, last = date_in_words(start), date_in_words(end)
    if first and last and first != last:
        return f"{first} to {last}"
    return first or (f"by {last}" if last else "")


def _standing(known: Known, status: str, end: Any, words: list[str]) -> str:
    stands = WORK_STATUS.get(status, status)
    due = day_of(end)
    if due is not None and due < known.today and not _is_closed(status):
        stands = f"{stands}, overdue"
    return "\n".join([stands, *words])


def _is_closed(status: str) -> bool:
    return status in FINISHED_WORK
