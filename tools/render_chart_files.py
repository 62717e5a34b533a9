"""Write what the Helm chart takes from elsewhere in the project: `python tools/render_chart_files.py`.

`files/routes.json` is the route table for an Ingress or an HTTPRoute, `files/alerts.yaml` the rules of Prometheus,
`files/broker-rights.json` what the user of each service may do at RabbitMQ. A chart reads no file outside its folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tandem.deployment.broker_definitions import rights
from tandem.events.rabbitmq_topology import Topology
from tandem.fhir.ownership import SERVICES
from tandem.gateway.route_table import GATEWAY, ISSUER, Route, route_table

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "deploy" / "kubernetes" / "tandem" / "files"
_ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
_MATCH = {"exact": "Exact", "prefix": "Prefix"}


def cluster_routes(table: Iterable[Route]) -> list[dict[str, str]]:
    """The routes as `{"path", "match": Exact|Prefix, "process"}`, with what an Ingress can say on every controller.

    It has no expressions: a type with one of its own goes to the gateway, which hands on what has an owner. What is
    for nobody is refused by the process that it comes to. There is no local issuer in a cluster.
    """
    rows = list(table)
    through_gateway = {_type_of(route) for route in rows if route.match == "regex"}
    return [
        {
            "path": route.path, "match": _MATCH[route.match],
            "process": GATEWAY if route.path in through_gateway else route.process,
        }
        for route in rows if route.match in _MATCH and route.process not in (None, ISSUER)
    ]  # fmt: skip


def _type_of(route: Route) -> str:
    """`/fhir/Patient` of an expression for addresses below it. Raises ValueError when it is for something else."""
    _, base, kind, *rest = route.path.split("/")
    if base != "fhir" or not kind.isalpha() or not rest:
        raise ValueError(f"{route.path} is not below one type; an Ingress cannot say it")
    return f"/{base}/{kind}"


def chart_files() -> dict[str, str]:
    """Name of a file below `files` -> what it holds."""
    return {
        "routes.json": _as_json(cluster_routes(route_table())),
        "alerts.yaml": _ALERTS.read_text(),
        "broker-rights.json": _as_json({service: rights(service, Topology()) for service in SERVICES}),
    }


def _as_json(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"


def main() -> None:
    """Write them."""
    for name, text in chart_files().items():
        (FILES / name).write_text(text)


if __name__ == "__main__":
    main()
