"""Alert rules and the dashboard: every alert is explained, every file is what its maker makes."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import render_dashboard

from tandem_tests.documents import ROOT
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.watched_metrics import ALERTS, DASHBOARD, alerts, named_in

PAGE = ROOT / "docs" / "operations" / "alerts.md"
_STEP = re.compile(r"^(\d)\. ", re.MULTILINE)


def sections() -> dict[str, str]:
    """Heading -> text of each section of the page."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_is_wrong_and_where_it_is_explained(rule: dict[str, dict[str, str]]) -> None:
    name = str(rule["alert"])
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"] == f"docs/operations/alerts.md#{name.lower()}"
    assert _STEP.findall(sections()[name]) == ["1", "2", "3"]


def test_nothing_is_explained_that_is_no_alert() -> None:
    assert list(sections()) == [rule["alert"] for rule in alerts()]


def test_the_dashboard_is_what_its_maker_makes() -> None:
    assert DASHBOARD.read_text() == render_dashboard.rendered(), "python tools/render_dashboard.py"


def test_metrics_of_an_expression_are_found() -> None:
    said = 'sum by (service) (rate(tandem_jobs{state="tandem_x"}[5m])) > process_open_fds'
    assert named_in(said) == {"tandem_jobs", "process_open_fds"}


@pytest.mark.parametrize("words", [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts.test.yaml")])
def test_prometheus_takes_them(words: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        skip_loudly("alert rules", "there is no promtool on the path")
    done = subprocess.run([promtool, *words], cwd=ALERTS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
