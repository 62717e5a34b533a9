"""What validation costs: `python -m tandem.fhir.validation.measure FILE...` for resources in JSON files.

Prints, for each type, the median over its files of the CPU time in microseconds: our walk alone, and the whole with
each engine.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from tandem.fhir.body import encode, parse_resource
from tandem.fhir.validation import walk
from tandem.fhir.validation.resource_shapes import shapes
from tandem.fhir.validation.validator import ENGINES, validator

_ROUNDS = 5
_CALLS = 50


def _cost(call: Callable[[], object]) -> float:
    """The least CPU time of one call over a few rounds, in microseconds."""
    times = []
    for _ in range(_ROUNDS):
        start = process_time()
        for _ in range(_CALLS):
            call()
        times.append((process_time() - start) / _CALLS)
    return min(times) * 1e6


def _measure(path: Path) -> tuple[str, dict[str, float]]:
    resource = parse_resource(path.read_bytes())
    raw = encode(resource)
    compiled = shapes()
    row = {"bytes": float(len(raw)), "walk": _cost(lambda: walk.issues(compiled, resource, raw))}
    for engine in ENGINES:
        whole = validator(engine)
        row[engine] = _cost(lambda whole=whole: whole.validate(resource, raw))  # type: ignore[misc]
    return resource["resourceType"], row


def main(paths: list[str]) -> None:
    """Measure the files and print one line a type."""
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for path in paths:
        name, row = _measure(Path(path))
        rows[name].append(row)
    for name, found in sorted(rows.items()):
        cells = ", ".join(f"{key} {median(row[key] for row in found):.0f}" for key in found[0])
        print(f"{name} ({len(found)}): {cells}")


if __name__ == "__main__":
    main(sys.argv[1:])
