"""An assurance form as Parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metrics_service.assurance_form.form_rows import Held
from metrics_service.domain.assurance_form.form import STATEMENTS, Baseline
from metrics_service.domain.practice_reports.gaps import Gap
from metrics_service.practice_reports.report_parts import gap_part, intervention_parts
from tandem.fhir.parameters_answer import coded, number, on_day, parts, text
from tandem.small_numbers import MASKED, disclosed_number

Shown = list[dict[str, Any]]


def form_parts(held: Held, baseline: Baseline | None, gaps: Iterable[Gap], masked: bool) -> Shown:
    """The whole form; `masked` hides small numbers of what records say of people's plans and consents."""
    form, shown = held.form, [text("practice", held.practice), coded("state", held.state)]
    if held.submitted is not None:
        shown.append(on_day("submitted", held.submitted))
    if held.decided is not None:
        shown.append(on_day("decided", held.decided))
    if held.reason is not None:
        shown.append(text("reason", held.reason))
    if baseline is not None:
        shown.append(parts("baseline", _baseline(baseline, masked)))
    shown += [
        parts("statement", [
            coded("name", name), text("question", question), text("source", source),
            text("answer", form.statements[name]),
        ])
        for name, (question, source) in STATEMENTS.items() if name in form.statements
    ]  # fmt: skip
    shown += [parts("intervention", intervention_parts(each)) for each in form.interventions.values()]
    shown += [
        parts("partner", [text("organisation", each.organisation), text("individual", each.individual)])
        for each in form.partners
    ]
    if form.plan_template is not None:
        attachment = {
            "title": form.plan_template.title, "contentType": form.plan_template.content_type,
            "data": form.plan_template.data,
        }  # fmt: skip
        shown.append({"name": "planTemplate", "valueAttachment": attachment})
    shown += [_collaboration(each, said) for each, said in form.collaborations.items()]
    return shown + [gap_part(each) for each in gaps]


def collaboration_parts(held: Held, practice: str) -> Shown:
    """What a form says of working with one practice, for that practice."""
    said = held.form.collaborations.get(practice)
    return [text("practice", held.practice), *([_collaboration(practice, said)] if said is not None else [])]


def _collaboration(practice: str, said: str) -> dict[str, Any]:
    return parts("collaboration", [text("with", practice), text("text", said)])


def _baseline(baseline: Baseline, masked: bool) -> Shown:
    shown = [number("number", baseline.number), {"name": "date", "valueDate": baseline.date}]
    if baseline.people is not None:
        shown.append(number("people", baseline.people))
    shown += [dict(each) for each in baseline.fields if each["name"] == "field"]
    for name, count in baseline.figures.items():
        state = "known" if count is not None else "not-known"
        figure = [coded("name", name), coded("state", state)]
        if count is not None:
            figure.append(_count(disclosed_number(count) if masked else count))
        shown.append(parts("figure", figure))
    return shown


def _count(count: int | None) -> dict[str, Any]:
    if count is None:
        return {"name": "value", "_valueInteger": {"extension": [MASKED]}}
    return number("value", count)
