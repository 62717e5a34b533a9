"""Ids of traces and spans that are worked out and not stored."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tandem.telemetry.trace_ids import parent_of, shown, span_id_of, trace_id_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_correlation_has_one_trace() -> None:
    first, second = trace_id_of("one"), trace_id_of("two")
    assert first == trace_id_of("one") != second
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert re.fullmatch("[0-9a-f]{16}", span_id_of("event"))


def test_a_correlation_that_is_a_trace_is_that_trace() -> None:
    assert trace_id_of(TRACE) == TRACE
    assert trace_id_of("0" * 32) != "0" * 32, "of zeros alone, no trace is valid"


def test_a_traceparent_is_read() -> None:
    assert parent_of(f"00-{TRACE}-{SPAN}-01") == (TRACE, SPAN)
    assert parent_of(f"01-{TRACE}-{SPAN}-01-more") == (TRACE, SPAN), "of a later version, what it begins with"


@pytest.mark.parametrize(
    "header",
    [
        "", "00", f"ff-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01-more", "9449305552",
    ],
)  # fmt: skip
def test_one_that_is_not_valid_is_as_none(header: str) -> None:
    assert parent_of(header) is None


def test_what_a_client_thought_of_is_not_shown() -> None:
    assert shown("0b0a2f4e-6c1b-4a53-9f5e-2f6d8b1f7c10") == "0b0a2f4e-6c1b-4a53-9f5e-2f6d8b1f7c10"
    assert shown(TRACE) == TRACE
    for told in ("9449305552", "visit-of-Ada-King", ""):
        assert shown(told).startswith("sha256:")
        assert not told or told not in shown(told)


def test_without_an_endpoint_the_sdk_is_not_imported() -> None:
    program = (
        "import sys, tandem.cli.serve, tandem.runtime.process, tandem.runtime.embedded;"
        "wanted = ('opentelemetry.sdk', 'opentelemetry.exporter');"
        "print([name for name in sys.modules if name.startswith(wanted)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
