"""Write the requirements that cohort-service ships with, from docs/requirements.yaml.

    render_requirement_catalogue.py [--check]

With --check nothing is written: it fails when the shipped file is not what the table gives.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "requirements.yaml"
SHIPPED = ROOT / "services/cohort-service/src/cohort_service/requirements_catalogue/requirements.json"
_KEPT = ("id", "service", "kind", "actor", "text", "phase", "source", "value", "same_as")


def rendered(table: str) -> str:
    """The shipped file: a JSON list with one requirement a line, without what concerns our own tests."""
    rows = [{name: row[name] for name in _KEPT if name in row} for row in yaml.safe_load(table)]
    lines = (json.dumps(row | {"phase": str(row["phase"])}, ensure_ascii=False, default=str) for row in rows)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def main() -> int:
    """Write or check; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    text = rendered(TABLE.read_text(encoding="utf-8"))
    if not parser.parse_args().check:
        SHIPPED.write_text(text, encoding="utf-8")
        return 0
    if SHIPPED.read_text(encoding="utf-8") == text:
        return 0
    print(f"{SHIPPED.relative_to(ROOT)} is not what {TABLE.relative_to(ROOT)} gives; run this tool", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
