"""Writes deploy/grafana/dashboard.json, what a team looks at first: `python tools/render_dashboard.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DASHBOARD = Path(__file__).resolve().parents[1] / "deploy" / "grafana" / "dashboard.json"
_WIDTH, _HEIGHT, _ACROSS = 8, 7, 3
_Panel = tuple[str, str, str, str]
ROWS: tuple[tuple[str, tuple[_Panel, ...]], ...] = (
    ("Do events flow?", (
        ("Processes up", 'up{job="tandem"}', "{{instance}}", "short"),
        ("Events to publish", "max by (service) (tandem_outbox_events)", "{{service}}", "short"),
        ("Age of the oldest of them", "max by (service) (tandem_outbox_age_seconds)", "{{service}}", "s"),
        ("Behind the others: events", "max by (service, source) (tandem_inbox_behind_events)",
         "{{service}} of {{source}}", "short"),
        ("Behind the others: age", "max by (service, source) (tandem_inbox_behind_seconds)",
         "{{service}} of {{source}}", "s"),
        ("Followers behind", "max by (service, follower) (tandem_follower_behind_events + tandem_follower_backlog)",
         "{{service}} {{follower}}", "short"),
        ("Events published", "sum by (service) (rate(tandem_events_published_total[5m]))",
         "{{service}}", "cps"),
        ("Set aside: gaps, retries, dead", "max by (service, state) (tandem_parked_events)",
         "{{service}} {{state}}", "short"),
        ("Who leads", "tandem_lease_held == 1", "{{service}} {{lease}} {{instance}}", "short"),
    )),
    ("Requests", (
        ("By interaction", "sum by (service, interaction) (rate(tandem_fhir_requests_total[5m]))",
         "{{service}} {{interaction}}", "reqps"),
        ("Refused and failed, by status",
         'sum by (service, status) (rate(tandem_fhir_requests_total{status=~"[45].."}[5m]))',
         "{{service}} {{status}}", "reqps"),
        ("95th percentile",
         "histogram_quantile(0.95, sum by (service, interaction, le) (rate(tandem_fhir_request_seconds_bucket[5m])))",
         "{{service}} {{interaction}}", "s"),
    )),
    ("Load", (
        ("Refused because of load", "sum by (instance, lane, reason) (rate(tandem_overload_refusals_total[5m]))",
         "{{instance}} {{lane}} {{reason}}", "reqps"),
        ("Worked on and waiting for a place", "tandem_requests_in_flight + tandem_requests_waiting",
         "{{instance}} {{lane}}", "short"),
        ("HTTP connections", "tandem_http_connections", "{{instance}}", "short"),
    )),
    ("Care and work", (
        ("Clocks that run and are late", "max by (service, kind) (tandem_clocks_overdue)", "{{service}} {{kind}}",
         "short"),
        ("Timed events late", "max by (service) (tandem_timed_events_late_seconds)", "{{service}}", "s"),
        ("Jobs", 'max by (service, kind, state) (tandem_jobs{state!="completed"})',
         "{{service}} {{kind}} {{state}}", "short"),
        ("Progress of running jobs", "tandem_job_steps_done / (tandem_job_steps_total > 0)", "{{service}} {{kind}}",
         "percentunit"),
        ("Notifications taken", "sum by (service) (rate(tandem_notifications_sent_total[5m]))", "{{service}}", "cps"),
        ("Notifications not taken", "sum by (service, reason) (rate(tandem_notifications_failed_total[5m]))",
         "{{service}} {{reason}}", "cps"),
    )),
    ("Processes", (
        ("Connections to PostgreSQL in use", 'tandem_pool_connections{state="used"}', "{{service}} {{instance}}",
         "short"),
        ("Waiting for a connection", "tandem_pool_waiting", "{{service}} {{instance}}", "short"),
        ("Event loop late, 99th percentile",
         "histogram_quantile(0.99, sum by (instance, le) (rate(tandem_event_loop_lag_seconds_bucket[5m])))",
         "{{instance}}", "s"),
        ("Memory", 'process_resident_memory_bytes{job="tandem"}', "{{instance}}", "bytes"),
        ("Processor", 'rate(process_cpu_seconds_total{job="tandem"}[5m])', "{{instance}}", "percentunit"),
        ("Releases and schemas", "tandem_info", "{{service}} {{version}} {{migration}}", "short"),
    )),
)  # fmt: skip
"""Rows of panels: title, expression, legend, unit."""


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it; it asks for a Prometheus data source."""
    panels: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS:
        panels.append({"type": "row", "title": title, "id": len(panels) + 1, "panels": [],
                       "gridPos": {"h": 1, "w": 24, "x": 0, "y": top}})  # fmt: skip
        top += 1
        for place, panel in enumerate(row):
            across, down = place % _ACROSS, place // _ACROSS
            panels.append(_panel(len(panels) + 1, panel, across * _WIDTH, top + down * _HEIGHT))
        top += -(-len(row) // _ACROSS) * _HEIGHT
    return {
        "uid": "tandem", "title": "Tandem", "schemaVersion": 39, "version": 1, "refresh": "30s", "timezone": "utc",
        "time": {"from": "now-3h", "to": "now"}, "tags": ["tandem"], "editable": True, "panels": panels,
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
        ]},
    }  # fmt: skip


def _panel(number: int, panel: _Panel, left: int, top: int) -> dict[str, Any]:
    title, expression, legend, unit = panel
    source = {"type": "prometheus", "uid": "${datasource}"}
    return {
        "id": number, "type": "timeseries", "title": title, "datasource": source,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": left, "y": top},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [{"refId": "A", "datasource": source, "expr": expression, "legendFormat": legend}],
    }  # fmt: skip


def rendered() -> str:
    """The text of the file."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    DASHBOARD.write_text(rendered())
