"""Rows about a person in tables that have no column `patient`: by table, which of them go when a person is erased.

`$1` is the Patient's id. They go before the rows of tables that have such a column, which may lead to them.
"""

from __future__ import annotations

from typing import Final

_NUMBER: Final = "person IN (SELECT number FROM person WHERE patient = $1)"

ERASED: Final = {
    "fact": _NUMBER,
    "medicine": _NUMBER,
    "record": _NUMBER,
    "stale_person": _NUMBER,
    "stale_order": "reference IN (SELECT reference FROM referring_order WHERE patient = $1)",
}
