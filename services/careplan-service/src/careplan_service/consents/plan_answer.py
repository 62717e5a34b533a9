"""The answer that was given while the plan was made is stored as Consent (003 §2.5 SCR; PCPC-057).

The item `summary-record-consent` of the plan's Questionnaire takes yes or no, so that nobody has to write a Consent
beside the plan. The Consent follows the response: amended, taken back as an error, or deleted.
"""

from __future__ import annotations

from typing import Any, Final

from careplan_service.domain.consents.carer_views import CONTENT
from careplan_service.domain.consents.summary_consent import answered_in_plan
from careplan_service.domain.questionnaires.response_faults import FINISHED
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id
from tandem.service import Change, Work

ITEM: Final = "summary-record-consent"
_PERFORMERS: Final = ("Patient/", "RelatedPerson/")


async def store_answer(change: Change, work: Work) -> None:
    """Write the Consent of a response that answers the item, and only when the answer is another than before."""
    before, after = _answer(change.before), _answer(change.after)
    if before == after:
        return
    identity = deterministic_id("summary-consent", change.id)
    if after is None or change.after is None or change.patient is None:
        held = await work.read("Consent", identity)
        if held is not None and held["status"] != "entered-in-error":
            await work.put({**held, "status": "entered-in-error"})
        return
    response = change.after
    at = str(response.get("authored") or to_instant(change.now))
    performer = response.get("source") or {"reference": f"Patient/{change.patient}"}
    person = str(performer.get("reference") or "").startswith(_PERFORMERS)
    await work.put(answered_in_plan(identity, change.patient, response, after, at, performer if person else None))


def _answer(response: Resource | None) -> bool | None:
    if response is None or response.get("status") not in FINISHED:
        return None
    if str(response.get("questionnaire") or "").partition("|")[0] != CONTENT:
        return None
    values: list[Any] = [
        answer.get("valueBoolean")
        for item in response.get("item") or () if item.get("linkId") == ITEM
        for answer in item.get("answer") or ()
    ]  # fmt: skip
    return bool(values[-1]) if values and values[-1] is not None else None
