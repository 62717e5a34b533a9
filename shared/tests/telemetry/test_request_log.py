"""The line of a request: its route without anything that a client chose."""

from __future__ import annotations

import logging

import pytest

from tandem.telemetry.request_log import RouteTemplates, log_request

TEMPLATES = RouteTemplates({"inbox"})


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("", "/"), ("metadata", "/metadata"), ("Task", "/Task"), ("Task/7", "/Task/[id]"),
        ("Task/_search", "/Task/_search"),
        ("Task/7/_history/2", "/Task/[id]/_history/[version]"), ("Task/$inbox", "/Task/$inbox"),
        ("Task/7/$validate", "/Task/[id]/$validate"), ("$ingest", "/$ingest"), ("Ada-King", "/[other]"),
        ("Task/$ada-king", "/Task/$[other]"), ("Task/7/9449305552", "/Task/[id]/[other]"),
        ("Task/7/_history/9449305552", "/Task/[id]/_history/[other]"),
        ("a/b/c/d/e", "/[other]/[id]/[other]/[other]/[other]"),
    ],
)  # fmt: skip
def test_a_path_has_a_template(path: str, route: str) -> None:
    assert TEMPLATES.of(path) == route


def test_the_line_has_what_is_asked_about_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "tandem.requests"):
        log_request("ADA-KING", "/Task/[id]", 200, 0.0123456, "A81001")
    [record] = caplog.records
    assert record.getMessage() == "OTHER /Task/[id] 200 12.3 ms A81001"
    assert record.__dict__["fields"] == {
        "method": "OTHER", "route": "/Task/[id]", "status": 200, "ms": 12.3, "organisation": "A81001",
    }  # fmt: skip
