"""Draw every state machine in docs/states/, from the tables in code: `*_transitions.py` in the services and the kernel.

A page has the module's docstring, the diagram and the table. `--check` writes nothing and fails when a page is not what
the code says.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tandem.fhir.status_transitions import StatusTransitions

ROOT = Path(__file__).parent.parent
STATES = ROOT / "docs" / "states"
_ERROR = "entered-in-error"
_FOLDERS = ("services/*/src", "shared/src")


def pages() -> dict[str, str]:
    """File name in docs/states/ -> text."""
    found = {}
    for path in sorted(path for folder in _FOLDERS for path in ROOT.glob(f"{folder}/**/*_transitions.py")):
        module = importlib.import_module(".".join(path.relative_to(_source_of(path)).with_suffix("").parts))
        table = getattr(module, "TRANSITIONS", None)
        if table is None:
            continue
        name = path.stem.removesuffix("_transitions").replace("_", "-")
        transitions = table.table if isinstance(table, StatusTransitions) else table
        found[f"{name}.md"] = _page(name, module.__doc__ or "", transitions, str(path.relative_to(ROOT)))
    found["README.md"] = _index(found)
    return found


def _source_of(path: Path) -> Path:
    return next(parent for parent in path.parents if parent.name == "src")


def _index(found: Mapping[str, str]) -> str:
    lines = ["# States", "", "Drawn from the tables in code by `make documents`.", ""]
    lines += [f"- [{name.removesuffix('.md').replace('-', ' ')}]({name})" for name in sorted(found)]
    return "\n".join(lines) + "\n"


def _page(name: str, text: str, table: Mapping[str, tuple[str, ...]], path: str) -> str:
    lines = [
        f"# The states of a {name.replace('-', ' ')}", "", text.strip(), "",
        f"Drawn from [`{path}`](../../{path}) by `make documents`.", "",
        "```mermaid", "stateDiagram-v2", *(f"    {line}" for line in _diagram(table)), "```", "",
    ]  # fmt: skip
    if _ERROR in table:
        lines += [f"`{_ERROR}` is not drawn; the table says from where it may follow.", ""]
    lines += ["| from | to |", "|---|---|"]
    lines += [f"| {start} | {', '.join(ends) or 'nothing'} |" for start, ends in table.items()]
    return "\n".join(lines) + "\n"


def _diagram(table: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    reached = {end for start, ends in table.items() for end in ends}
    for state in table:
        if "-" in state and state != _ERROR:
            yield f'state "{state}" as {_node(state)}'
    for state, ends in table.items():
        if state == _ERROR:
            continue
        if state not in reached:
            yield f"[*] --> {_node(state)}"
        drawn = [end for end in ends if end != _ERROR]
        yield from (f"{_node(state)} --> {_node(end)}" for end in drawn)
        if not drawn:
            yield f"{_node(state)} --> [*]"


def _node(state: str) -> str:
    return state.replace("-", "_")


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is out of date")
    check = parser.parse_args().check
    wanted = pages()
    kept = {path.name: path.read_text(encoding="utf-8") for path in STATES.glob("*.md")}
    if check:
        stale = sorted(name for name in {*wanted, *kept} if wanted.get(name) != kept.get(name))
        if stale:
            sys.exit(f"docs/states is out of date: {', '.join(stale)}; run `make documents`")
        return
    STATES.mkdir(exist_ok=True)
    for name in kept.keys() - wanted.keys():
        (STATES / name).unlink()
    for name, text in wanted.items():
        (STATES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
