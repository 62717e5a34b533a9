"""The route table as text: neutral JSON, and the routes of a Caddyfile (https://caddyserver.com/docs/caddyfile)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Final

from tandem.gateway.route_table import Route, route_table

_PORT: Final = 8000
_ABOUT: Final = "made by `tandem routes` (make routes) from shared/src/tandem/gateway/route_table.py"
_NOBODY: Final = "nobody"


def as_json() -> str:
    """`{"routes": [{"match": exact|prefix|regex, "path": …, "process": name or null}]}`; the first match counts."""
    document = {"about": _ABOUT, "routes": [asdict(route) for route in route_table()]}
    return json.dumps(document, indent=2) + "\n"


def as_caddyfile() -> str:
    """A `route` block to be imported into a site. Each process is found by its name, with all of its replicas."""
    lines = [f"# {_ABOUT}", "route {"]
    for number, (process, routes) in enumerate(groupby(route_table(), key=lambda route: route.process)):
        lines += _process(f"{number}-{process or _NOBODY}", process, list(routes))
    lines += ["\thandle {", "\t\terror 404", "\t}", "}"]
    return "\n".join(lines) + "\n"


FORMATS: Final = {"json": as_json, "caddy": as_caddyfile}


def _process(name: str, process: str | None, routes: Sequence[Route]) -> Iterator[str]:
    expressions = [route for route in routes if route.match == "regex"]
    paths = [path for route in routes if route.match != "regex" for path in _caddy_paths(route)]
    yield f"\t@{name} {{"
    # Matchers of one kind are alternatives, of two kinds both have to match: so a group has one kind alone.
    if expressions and (paths or len(expressions) > 1):
        raise ValueError("a regular expression is a group of its own")
    yield from (f"\t\tpath_regexp ^{route.path}$" for route in expressions)
    yield from (f"\t\tpath {path}" for path in paths)
    yield "\t}"
    yield f"\thandle @{name} {{"
    yield from (f"\t\t{line}" for line in (_upstream(process) if process is not None else ["error 404"]))
    yield "\t}"


def _caddy_paths(route: Route) -> list[str]:
    return [route.path, f"{route.path}/*"] if route.match == "prefix" else [route.path]


def _upstream(process: str) -> list[str]:
    return [
        "reverse_proxy {",
        "\tdynamic a {",
        f"\t\tname {process}",
        f"\t\tport {_PORT}",
        "\t\trefresh 2s",
        "\t}",
        "\tlb_try_duration 5s",
        "\tfail_duration 2s",
        "}",
    ]
