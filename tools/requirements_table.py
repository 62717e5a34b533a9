"""The requirement table, docs/requirements.md: what a whole test run showed of docs/requirements.yaml.

    requirements_table.py --results build/test-results.json [--check]

The states: `shown` when every test that carries the id ran and passed, `failing` when one failed, `partly run` when one
was skipped, `not shown` when no test carries it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "plugins"))

from tandem_tests.catalogue import Catalogue  # noqa: E402 - found on the path just added

PAGE = ROOT / "docs" / "requirements.md"
SHOWN_LINES = 20
STATES = ("shown", "failing", "partly run", "not shown")


class IncompleteRun(Exception):
    """The results are of a run that was cut short, or of a part of the tests."""


def outcomes_by_id(results: Path) -> dict[str, dict[str, set[str]]]:
    """Requirement id -> test (its cases taken together) -> outcomes. Raises IncompleteRun."""
    run = json.loads(results.read_text(encoding="utf-8"))
    if not run["complete"]:
        raise IncompleteRun(f"{results} is not of a whole run")
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for test in run["tests"]:
        for requirement in test["requirements"]:
            found[requirement][test["id"].partition("[")[0]].add(test["outcome"])
    return found


def state_of(tests: dict[str, set[str]]) -> str:
    """One of STATES."""
    outcomes = set().union(*tests.values())
    if not outcomes:
        return "not shown"
    if "failed" in outcomes:
        return "failing"
    return "shown" if outcomes == {"passed"} else "partly run"


def render(catalogue: Catalogue, found: dict[str, dict[str, set[str]]]) -> str:
    """The page, in the catalogue's order; nothing in it depends on when or where the tests ran."""
    rows = []
    counts: Counter[str] = Counter()
    for requirement, text in catalogue.rows.items():
        tests = found.get(requirement, {})
        state = state_of(tests)
        counts[state] += 1
        shown_by = "<br>".join(f"`{test}`" for test in sorted(tests))
        rows.append(f"| {requirement} | {state} | {shown_by} | {text.replace('|', chr(92) + '|')} |")
    summary = ", ".join(f"{counts[state]} {state}" for state in STATES)
    head = [
        "# Requirements",
        "",
        "Written by `make requirements` from a run of every test. Catalogue: [requirements.yaml](requirements.yaml).",
        "",
        f"{len(rows)} requirements: {summary}.",
        "",
        "| id | state | tests | text |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def main() -> int:
    """Write the page, or with --check compare it; the exit status is 1 where it differs or the run was not whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, required=True, help="what pytest wrote with --results")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the page would change")
    arguments = parser.parse_args()
    try:
        page = render(Catalogue.read(ROOT / "docs" / "requirements.yaml"), outcomes_by_id(arguments.results))
    except IncompleteRun as reason:
        print(f"{reason}: run `make test` first", file=sys.stderr)
        return 1
    if not arguments.check:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    committed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if committed == page:
        return 0
    new = sorted(set(page.splitlines()) - set(committed.splitlines()))
    for line in new[:SHOWN_LINES]:
        print(f"+ {line[:160]}", file=sys.stderr)
    if len(new) > SHOWN_LINES:
        print(f"and {len(new) - SHOWN_LINES} lines more", file=sys.stderr)
    print("docs/requirements.md is not what the tests show: run `make requirements` and commit it", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
