"""Rows about a person in tables that have no column `patient`: by table, which of them go when a person is erased.

`$1` is the Patient's id. They go before the rows of tables that have such a column, which may lead to them.
"""

from __future__ import annotations

from typing import Final

_IDS: Final = "(SELECT id FROM resource WHERE type = 'ServiceRequest' AND patient = $1)"
_REQUEST: Final = f"request IN {_IDS}"

ERASED: Final = {
    "answered_request": "(type, id) IN (SELECT type, id FROM resource WHERE patient = $1)",
    "message": f"referral IN {_IDS}",
    "referral_identifier": _REQUEST,
    "referral_step": _REQUEST,
    "safety_net_chase": _REQUEST,
    "support_delivery": _REQUEST,
    "urgent_breach_reason": _REQUEST,
    "urgent_fact": _REQUEST,
}
