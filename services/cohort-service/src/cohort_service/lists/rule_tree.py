"""The definition of a list as a tree of parameters: every rule, whether it holds for a person, and by which records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.facts.record_displays import Said, displays_said
from cohort_service.selection.explain import Evidence, Explained, explain
from cohort_service.selection.selection import Selection
from tandem.database.connection import Connection
from tandem.london_days import date_of


async def rules_of(
    connection: Connection, selection: Selection, definition: CohortDefinition, as_of: date, person: int
) -> list[dict[str, Any]]:
    """One parameter `rule` with `text`, `holds`, `evidence`, `against` (records that keep off), and rules within."""
    tree = await explain(connection, selection, definition.id, as_of, person)
    unnamed = (_said(each) for each in _records_of(tree) if each.display is None)
    return [_rule(tree, await displays_said(connection, unnamed))]


def _records_of(node: Explained) -> Iterator[Evidence]:
    yield from (*node.evidence, *node.against)
    for child in node.children:
        yield from _records_of(child)


def _said(evidence: Evidence) -> Said:
    return evidence.reference, evidence.system, evidence.code


def _rule(node: Explained, called: Mapping[Said, str]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"name": "text", "valueString": node.text}, {"name": "holds", "valueBoolean": node.holds},
        *(_record("evidence", each, called) for each in node.evidence),
        *(_record("against", each, called) for each in node.against),
        *(_rule(each, called) for each in node.children),
    ]  # fmt: skip
    return {"name": "rule", "part": parts}


def _record(name: str, evidence: Evidence, called: Mapping[Said, str]) -> dict[str, Any]:
    display = evidence.display or called.get(_said(evidence))
    coding = {"system": evidence.system, "code": evidence.code, "display": display}
    parts: list[dict[str, Any]] = [
        {"name": "reference", "valueReference": {"reference": evidence.reference}},
        {"name": "code", "valueCoding": {name: value for name, value in coding.items() if value}},
    ]
    if evidence.starts is not None:
        period = {"start": date_of(evidence.starts).isoformat()}
        if evidence.ends is not None:
            period["end"] = date_of(evidence.ends).isoformat()
        parts.append({"name": "period", "valuePeriod": period})
    if evidence.value is not None:
        parts.append({"name": "value", "valueDecimal": evidence.value})
    return {"name": name, "part": parts}
