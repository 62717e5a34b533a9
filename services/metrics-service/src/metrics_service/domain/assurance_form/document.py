"""The assurance form to read and to print: question by question, as appendix 2 asks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metrics_service.domain.assurance_form.form import STATEMENTS, Baseline, Form
from metrics_service.domain.practice_reports.gaps import Gap
from tandem.printing.blocks import Block, Box, Facts, Table, Text

_FIGURES = {
    "peopleWithGuidancePlan": "People on the register with a formal written care plan that fits the guidance",
    "peopleWhoConsentedToEnrichedSummary": "People who consented to share their enriched summary care record",
}
_NOT_KNOWN = "not known"


def form_blocks(practice: str, state: str, form: Form, baseline: Baseline | None, gaps: Sequence[Gap]) -> list[Block]:
    """The form of a practice (its name or code)."""
    blocks: list[Block] = [Facts((("Practice", practice), ("State", state)))]
    if gaps:
        blocks.append(Box((Text("h3", "Still missing"), *(Text("li", each.text) for each in gaps)), "urgent"))
    listed = "not known" if baseline is None else "yes" if baseline.has_list else "no"
    blocks += [Text("h2", "1. A defined list of patients"), Text("p", listed.capitalize())]
    blocks += [Text("h2", "2. How the list was compiled"), _said(form, "profileUse", "lessonsLearned", "healthGain")]
    blocks += [Text("h2", "3. Baseline"), *_baseline(form, baseline)]
    blocks += [Text("h2", "4. Additional interventions"), Table(
        ("Intervention", "Beyond core services", "Beyond the AUA scheme"),
        tuple((each.name, each.beyond_core or "", each.beyond_admissions_scheme or "")
              for each in form.interventions.values()),
    )]  # fmt: skip
    blocks += [Text("h2", "5. Multi-professional working"), Table(
        ("Organisation", "Who"), tuple((each.organisation, each.individual) for each in form.partners)
    )]  # fmt: skip
    blocks.append(_said(form, "meetingForm", "meetingFrequency", "membership", "discussionScope"))
    blocks += [Text("h2", "6. Involvement of patients"), _said(form, "coProduction", "selfManagement")]
    blocks += [Text("h2", "7. Work with other practices"), Facts(tuple(form.collaborations.items()))]
    return blocks


def _said(form: Form, *names: str) -> Facts:
    return Facts(tuple((STATEMENTS[name][0], form.statements.get(name, "")) for name in names))


def _baseline(form: Form, baseline: Baseline | None) -> Iterator[Block]:
    if baseline is None:
        yield Text("p", "There is no return of the case register yet.")
        return
    rows = [("As of", baseline.date)]
    for each in baseline.fields:
        found = _field(each)
        if found is not None:
            rows.append(found)
    for name, text in _FIGURES.items():
        figure = baseline.figures.get(name)
        rows.append((text, str(figure) if figure is not None else _NOT_KNOWN))
    rows.append(("Template care plan", form.plan_template.title if form.plan_template is not None else "not attached"))
    yield Facts(tuple(rows))


def _field(parameter: Mapping[str, Any]) -> tuple[str, str] | None:
    """Label and value of a field that is known and single: a count, or who oversees how many."""
    parts = parameter.get("part") or ()
    named = {each["name"]: each for each in parts}
    if parameter.get("name") != "field" or named.get("state", {}).get("valueCode") != "known":
        return None
    label = str(named["text"]["valueString"])
    if "value" in named:
        value = next(found for key, found in named["value"].items() if key != "name")
        return label, {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    professionals = [each["part"] for each in parts if each["name"] == "professional" and "part" in each]
    return (label, "; ".join(map(_professional, professionals)) or "none") if professionals else None


def _professional(parts: Sequence[Mapping[str, Any]]) -> str:
    named = {each["name"]: next(value for key, value in each.items() if key != "name") for each in parts}
    who = named["professional"].get("reference", "")
    return f"{named.get('title', who)}: {named.get('count', 0)}"
