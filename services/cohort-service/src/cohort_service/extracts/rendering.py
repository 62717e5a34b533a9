"""Rows of an extract as NDJSON, a JSON object a line, or as CSV (RFC 4180) with a heading in every part."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from tandem.fhir.body import encode

COLUMNS = (
    "pseudonym", "ageBand", "sex", "practice", "network", "cohorts", "health", "housing", "education", "medicines",
)  # fmt: skip


def rendered(rows: Iterable[dict[str, Any]], form: str) -> bytes:
    """The rows in the form `ndjson` or `csv`."""
    if form == "ndjson":
        return b"".join(encode(row) + b"\n" for row in rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """Several are parted by a space; a code is `system|code@since/until`, a month that is not there left empty."""
    if value is None or isinstance(value, str):
        return value or ""
    return " ".join(each if isinstance(each, str) else _coded(each) for each in value)


def _coded(each: dict[str, str]) -> str:
    until = f"/{each['until']}" if "until" in each else ""
    return f"{each['system']}|{each['code']}@{each.get('since', '')}{until}"
