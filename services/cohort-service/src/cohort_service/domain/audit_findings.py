"""What a tool for finding people (PINCER, ePACT2, the QOF prescribing safety module) said of them (SMR-017, PCN-034).

An audit is a list of rows, one a finding: whom it is about, by NHS number or by reference, and a code or a text. Each
person's findings are kept as a FHIR List of that person, so that the evidence of a membership can be read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tandem.canonical import BASE
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.ids import deterministic_id
from tandem.nhs.nhs_number import InvalidNhsNumber, normalise
from tandem.record_facts.codings import facts_with
from tandem.record_facts.days import first_given
from tandem.record_facts.fact import UNDATED, Fact

TOOL_SYSTEM = f"{BASE}/CodeSystem/identification-tool"
"""A tool's code by itself (`pincer`), or with the code of a finding after a slash (`pincer/gi-bleed`)."""
MAX_ROWS = 2_000

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FINDING = re.compile(r"[A-Za-z0-9._-]{1,64}")
_COLUMNS = ("nhs_number", "patient", "finding", "text")


class UnreadableAudit(ValueError):
    """The rows cannot be read at all; the message quotes nothing of them."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and its version, as registered."""

    code: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One row. `line` counts from 1; either `nhs_number` (ten digits) or `patient` (an id) is there, or `fault`."""

    line: int
    nhs_number: str | None = None
    patient: str | None = None
    code: str | None = None
    text: str | None = None
    fault: str | None = None


def tool_code(name: str) -> str:
    """The code of a tool by its name: `Eclipse Live` is `eclipse-live`. Raises ValueError for none."""
    code = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if _CODE.fullmatch(code) is None:
        raise ValueError("a tool's name has letters or digits")
    return code


def findings_in_csv(text: str) -> list[Finding]:
    """The rows of CSV text with a heading: `nhs_number` or `patient`, and `finding` and `text` as far as there are any.

    Lines are counted as a spreadsheet shows them, the heading being line 1. Raises UnreadableAudit.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error:
        raise UnreadableAudit("the rows are not CSV") from None
    heading = [name.strip().lower().replace(" ", "_") for name in rows[0]] if rows else []
    if not {"nhs_number", "patient"} & set(heading) or len(set(heading)) != len(heading):
        raise UnreadableAudit(f"the first line names the columns, each once, out of {', '.join(_COLUMNS)}")
    found = []
    for line, cells in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in cells):
            found.append(finding(line, dict(zip(heading, cells, strict=False))))
    return found


def finding(line: int, row: Mapping[str, str]) -> Finding:
    """One row by the names of its columns; what is wrong with it is its `fault`, without a word of the row itself."""
    number, patient = row.get("nhs_number", "").strip(), row.get("patient", "").strip()
    code, text = row.get("finding", "").strip(), row.get("text", "").strip()
    if bool(number) == bool(patient):
        return Finding(line, fault="names a person by NHS number or by reference, one of them")
    if not (code or text):
        return Finding(line, fault="has neither a finding code nor a text")
    if code and _FINDING.fullmatch(code) is None:
        return Finding(line, fault="has a finding code with other characters than letters, digits, '.', '-' and '_'")
    if number:
        try:
            return Finding(line, nhs_number=normalise(number), code=code or None, text=text[:500] or None)
        except InvalidNhsNumber:
            return Finding(line, fault="has no valid NHS number")
    return Finding(line, patient=patient.removeprefix("Patient/"), code=code or None, text=text[:500] or None)


def audit_list(tool: Tool, patient: str, findings: Iterable[Finding], data_date: date) -> Resource:
    """The List that keeps what the tool said of a person; a later audit of the same tool takes its place."""
    coding = {"system": TOOL_SYSTEM, "code": tool.code, "display": tool.name}
    entries = sorted({(each.code or "", each.text or "") for each in findings})
    return {
        "resourceType": "List",
        "id": audit_id(tool.code, patient),
        "status": "current",
        "mode": "snapshot",
        "title": f"{tool.name} {tool.version}",
        "code": {"coding": [coding], "text": f"Found by {tool.name} {tool.version}"},
        "subject": {"reference": f"Patient/{patient}"},
        "date": data_date.isoformat(),
        "source": {"type": "Device", "display": f"{tool.name} {tool.version}"},
        "entry": [_entry(tool, code, text) for code, text in entries],
    }


def audit_id(tool: str, patient: str) -> str:
    """The id of the List."""
    return deterministic_id("audit", tool, patient)


def audit_facts(resource: Resource) -> list[Fact]:
    """The facts of such a List, from `List.date` on: the tool's code, and one for each finding.

    A List that is not about a tool, that was entered in error or that is retired says nothing.
    """
    if resource.get("status") != "current":
        return []
    dated = first_given(resource.get("date"))
    flags = [entry.get("flag") for entry in resource.get("entry") or () if not entry.get("deleted")]
    facts = facts_with([resource.get("code"), *flags], UNDATED if dated is None else dated, None)
    of_tools = [each for each in facts if each.system == TOOL_SYSTEM]
    return of_tools if any(system == TOOL_SYSTEM for system, _, _ in codings_of(resource.get("code"))) else []


def by_person(matched: Sequence[tuple[str, Finding]]) -> dict[str, list[Finding]]:
    """Patient id -> findings, in order of lines."""
    found: dict[str, list[Finding]] = {}
    for patient, each in matched:
        found.setdefault(patient, []).append(each)
    return found


def _entry(tool: Tool, code: str, text: str) -> dict[str, Any]:
    said = text or code
    flag: dict[str, Any] = {"text": said}
    if code:
        flag["coding"] = [{"system": TOOL_SYSTEM, "code": f"{tool.code}/{code.lower()}", "display": said}]
    return {"flag": flag, "item": {"display": said}}
