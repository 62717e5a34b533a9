"""The metrics that alert rules and the dashboard name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tandem_tests.documents import ROOT

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
MONITORING = ROOT / "docs" / "operations" / "monitoring.md"
_NAME = re.compile(r"\b(?:tandem|process)_[a-z0-9_]+\b")
_LABELS = re.compile(r'"[^"]*"')


def alerts() -> list[dict[str, Any]]:
    """The alert rules."""
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    """Every expression of an alert or a panel."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [each["expr"] for each in alerts()] + [
        target["expr"] for panel in panels for target in panel.get("targets", ())
    ]


def named_in(expression: str) -> set[str]:
    """The metrics that an expression names."""
    return set(_NAME.findall(_LABELS.sub('""', expression)))


def samples_of(exposition: str) -> set[str]:
    """The names that samples of an exposition may have, whether there are any yet or not."""
    found: set[str] = set()
    for line in exposition.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            found |= {name, *(f"{name}{end}" for end in ("_bucket", "_count", "_sum") if kind == "histogram")}
    return found


def documented(page: Path = MONITORING) -> set[str]:
    """The metrics in the table of the page."""
    return set(re.findall(r"^\| `((?:tandem|process)_[a-z0-9_]+)`", page.read_text(), re.MULTILINE))
