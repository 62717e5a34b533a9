"""The definition of a list as a tree of parameters: every rule, whether it holds for a person, and by which records."""

from __future__ import annotations

from datetime import date
from typing import Any

from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.lists.days import date_of
from cohort_service.selection.explain import Evidence, Explained, explain
from cohort_service.selection.selection import Selection
from tandem.database.connection import Connection


async def rules_of(
    connection: Connection, selection: Selection, definition: CohortDefinition, as_of: date, person: int
) -> list[dict[str, Any]]:
    """One parameter `rule` with `text`, `holds`, `evidence` and the rules within it."""
    return [_rule(await explain(connection, selection, definition.id, as_of, person))]


def _rule(node: Explained) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"name": "text", "valueString": node.text}, {"name": "holds", "valueBoolean": node.holds},
        *map(_evidence, node.evidence), *map(_rule, node.children),
    ]  # fmt: skip
    return {"name": "rule", "part": parts}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    coding = {"system": evidence.system, "code": evidence.code, "display": evidence.display}
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
    return {"name": "evidence", "part": parts}
