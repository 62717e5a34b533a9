"""Write docs/cohorts.md, the table of all shipped cohorts, from their definitions.

    render_cohorts.py [--check]

With --check nothing is written: it fails when the page is not what the definitions give.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cohort_service.catalogue.shipped import shipped_texts, shipped_value_sets
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.definition_language.parse import parse_definition
from tandem.nhs.value_set import ValueSet

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cohorts.md"

SERVICES: Mapping[str, str] = {
    "SMR": "Structured medication review", "EHCH": "Enhanced health in care homes", "AC": "Anticipatory care",
    "PC": "Personalised care", "PAM": "Patient Activation Measure", "SDM": "Shared decision making",
    "ECD": "Early cancer diagnosis", "PCPC": "Proactive coordinated primary care (Doncaster)",
}  # fmt: skip
_INTRODUCTION = """# Cohorts

Written by `tools/render_cohorts.py` from `services/cohort-service/src/cohort_service/definitions`; change it there.

Who each cohort means is said by its definition, one YAML file a cohort, and shown by the examples beside the tests
(`services/cohort-service/tests/definitions/examples`): the smallest person who is in, and the nearest who is not.
Where the specification is silent on a number, the number is ours and the description says so; those in the column
*numbers* are parameters, to be tried in a dry run and changed by a new version. A *mandatory* cohort is the same
everywhere, a *local* one may be changed by a network, an *optional* one is on only where a network switched it on.
"""
_VALUE_SETS = """
## Value sets

The shipped value sets hold few codes: what was found in published lists and what the synthetic network writes. A
deployment loads the full lists, from the reference sets of the UK Primary Care release or from its own lists, as newer
versions (`tandem value-set load`). Those of the group `efi` are the deficits of the electronic frailty index.
"""


def page() -> str:
    """The page as text."""
    definitions = [parse_definition(text, name) for name, text in sorted(shipped_texts().items())]
    parts = [_INTRODUCTION]
    for service, title in SERVICES.items():
        rows = [_row(each) for each in definitions if each.service == service]
        heading = "| cohort | who | numbers | in force | source | requirements |\n|---|---|---|---|---|---|"
        parts.append("\n".join([f"\n## {title}\n", heading, *rows, ""]))
    parts.append(_VALUE_SETS)
    parts.append("\n| value set | what | codes | source |\n|---|---|---|---|\n")
    parts += [f"{_value_set(each)}\n" for each in shipped_value_sets()]
    return "".join(parts)


def _row(definition: CohortDefinition) -> str:
    numbers = ", ".join(f"{name} {value}" for name, value in sorted(definition.parameters.items()))
    who = f"{definition.title}. {definition.description}"
    cells = (
        f"`{definition.id}`", who, numbers, ", ".join(_in_force(definition)),
        definition.source, ", ".join(definition.requirements),
    )  # fmt: skip
    return f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in cells)} |"


def _in_force(definition: CohortDefinition) -> Iterator[str]:
    yield definition.status
    if definition.applies_from:
        yield f"from {definition.applies_from}"
    if definition.applies_until:
        yield f"until {definition.applies_until}"


def _value_set(value_set: ValueSet) -> str:
    return f"| `{value_set.id}` | {value_set.title} | {len(value_set.members)} | {value_set.source} |"


def main() -> int:
    """Write or check; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    text = page()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not what the definitions give; run this tool", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
