"""Write the documents that are made from the declarations: docs/asyncapi.json, docs/openapi.json, docs/types.md.

`--check` writes nothing and fails when one of them is not what the declarations say.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tandem.events.asyncapi import document
from tandem.fhir.capabilities import capabilities
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.search.parameters import declared
from tandem.gateway.service import OPERATIONS
from tandem.runtime.documentation import openapi_document
from tandem.runtime.services import declared_services

_BASE = "http://127.0.0.1:8000/fhir"


def documents() -> dict[str, str]:
    """File name in docs/ -> text."""
    services = list(declared_services().values())
    statement = capabilities(services, _BASE, OPERATIONS)
    return {
        "asyncapi.json": _json(document(services, version=version("tandem"))),
        "openapi.json": _json(openapi_document("Tandem", statement)),
        "types.md": _types_page(),
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _types_page() -> str:
    lines = [
        "# Types, operations and search parameters", "",
        "Made from the declarations by `make documents`.", "",
        "| type | kept by | operations | search parameters |", "|---|---|---|---|",
    ]  # fmt: skip
    services = declared_services()
    for owner, names in OWNED_TYPES.items():
        for name in names:
            operations = [f"`${each.name}`" for each in services[owner].operations if each.type == name]
            parameters = ", ".join(each.name for each in declared(name))
            lines.append(f"| {name} | {owner} | {' '.join(['`$validate`', *operations])} | {parameters} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a document is out of date")
    check = parser.parse_args().check
    folder = Path(__file__).parents[1] / "docs"
    stale = [name for name, text in documents().items() if not _is(folder / name, text)]
    if not check:
        for name in stale:
            (folder / name).write_text(documents()[name], encoding="utf-8")
    elif stale:
        sys.exit(f"out of date: {', '.join(stale)}; run `make documents`")


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    main()
