"""Bring the duty catalogue in step with docs/requirements.yaml: what is owed, by whom, its words, source and days.

    render_duty_catalogue.py [--check]

What is written by hand stays: the head of the file, and of each duty `given_to`, `per`, `repeat`, `evidence`,
`shown_by`. A requirement that is new to the register has to be given these by hand first. With --check nothing is
written: it fails when the file is not what the table gives.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from mdt_service.domain.duties.phase import days_of_phase

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "requirements.yaml"
SHIPPED = ROOT / "services/mdt-service/src/mdt_service/duties/catalogue.yaml"
_DUTIES = "\nduties:\n"


def rendered(table: str, shipped: str) -> str:
    """The catalogue anew. Raises KeyError for a requirement of the register that the shipped file does not have."""
    head, _, _ = shipped.partition(_DUTIES)
    by_hand = {each["id"]: each for each in yaml.safe_load(shipped)["duties"]}
    rows = [row for row in yaml.safe_load(table) if row["owner"] == "mdt" and row["proof"] == "register"]
    return head + _DUTIES + "".join(_duty(row, by_hand[row["id"]]) for row in rows)


def _duty(row: dict[str, Any], by_hand: dict[str, Any]) -> str:
    phase = days_of_phase(str(row["phase"]))
    lines = [
        f"- id: {row['id']}", f"version: {by_hand['version']}", f"service: {row['service']}", f"actor: {row['actor']}",
        f"given_to: [{', '.join(by_hand['given_to'])}]", f"per: {by_hand['per']}", f"text: {_quoted(row['text'])}",
        f"source: {_quoted(row['source'])}", f"phase: {_quoted(str(row['phase']))}", f"first_day: {phase.begins}",
        f"due_day: {phase.due}", f"repeat: {by_hand['repeat']}",
    ]  # fmt: skip
    if phase.until is not None:
        lines.append(f"until: {phase.until}")
    lines += [f"evidence: [{', '.join(by_hand['evidence'])}]", f"shown_by: {_quoted(by_hand['shown_by'])}"]
    return "\n  ".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    """Write or check; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    shipped = SHIPPED.read_text(encoding="utf-8")
    text = rendered(TABLE.read_text(encoding="utf-8"), shipped)
    if not parser.parse_args().check:
        SHIPPED.write_text(text, encoding="utf-8")
        return 0
    if shipped == text:
        return 0
    print(f"{SHIPPED.relative_to(ROOT)} is not what {TABLE.relative_to(ROOT)} gives; run this tool", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
