"""The active shared plan of a resident, on which what a round decides is based (EHCH-031, EHCH-032).

careplan-service owns plans: it is asked before anything is written. An action does not wait for it: without an answer,
or where the caller may not read the plan, it is based on none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tandem.canonical import SNOMED_CT
from tandem.fhir.outcome import FhirError
from tandem.fhir.person_parameter import person_named

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_SHARED_PLAN: Final = "2181441000000107"
"""SNOMED CT: personalised care and support plan."""
_ACTIONS: Final = ("action", "medication-review-by")


async def plan_of_resident(call: OperationCall) -> str | None:
    """CarePlan.id, when the call gives the person (`patient`) something to be done; None without such a plan."""
    if not any(call.one(name) is not None for name in _ACTIONS):
        return None
    category = quote(f"{SNOMED_CT}|{_SHARED_PLAN}", safe="")
    try:
        async with call.kernel.database.read() as connection:
            patient = await person_named(connection, call.one("patient"))
        if patient is None:
            return None
        path = f"CarePlan?patient=Patient/{patient}&category={category}&status=active"
        found = await call.kernel.neighbours.searchset("careplan-service", path, call.request)
    except FhirError:
        # Away, not within the scopes of the token, or a fault of the call, which is told once the round was looked at.
        return None
    return min((str(each["id"]) for each in found), default=None)
