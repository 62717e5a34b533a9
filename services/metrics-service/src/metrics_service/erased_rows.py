"""Rows about a person in tables that have no column `patient`: by table, which of them go when a person is erased.

`$1` is the Patient's id. They go before the rows of tables that have such a column, which may lead to them.
"""

from __future__ import annotations

from typing import Final

ERASED: Final = {
    "told_version": (
        "source IN (SELECT source FROM told_fact WHERE patient = $1) OR source = 'Patient/' || CAST($1 AS text)"
    ),
}
