"""An offer is a ServiceRequest of intent proposal that claims a kind of referral; the person accepts or declines it.

Accepted, the offer is completed and a referral is made of it. Declined, it is revoked, with the person's choice
recorded: a decline counts (AC-078) and is no failure. Whoever made an offer may withdraw it, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from referral_service.domain.ended_reason import STATUS_REASON
from tandem.canonical import OFFER_ANSWER
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.ids import deterministic_id
from tandem.nhs.referral_kind import ReferralKind

ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
ANSWERS: Final = (ACCEPTED, DECLINED)
_ENDS: Final = {ACCEPTED: "completed", DECLINED: "revoked"}
_NOT_OF_THE_REFERRAL: Final = ("id", "meta", "status", "intent", "extension", "basedOn", "text", "identifier")
"""A business identifier is of one request at a time: the sender's stays with the offer, which the referral names."""
_SOURCE: Final = "000 §4.12 r6 PCN b2, §4.16 m8"


def is_offer(request: Resource | None) -> bool:
    """Whether a ServiceRequest that claims a kind is an offer."""
    return request is not None and request.get("intent") == "proposal"


def answer_extension(answer: str, by: str, on: date, reason: str | None) -> dict[str, Any]:
    """What the person said; `by` is `Patient/1` or `RelatedPerson/1`."""
    parts: list[dict[str, Any]] = [
        {"url": "answer", "valueCode": answer},
        {"url": "by", "valueReference": {"reference": by}},
        {"url": "on", "valueDate": on.isoformat()},
    ]
    return {"url": OFFER_ANSWER, "extension": [*parts, *([{"url": "reason", "valueString": reason}] if reason else [])]}


def answer_of(request: Resource) -> dict[str, Any] | None:
    """What the person said, by the names of the sub-extensions; None while nothing is recorded."""
    for each in request.get("extension") or ():
        if each.get("url") == OFFER_ANSWER:
            return {part["url"]: _value(part) for part in each.get("extension") or () if part.get("url")}
    return None


def answered(offer: Resource, answer: str, by: str, on: date, reason: str | None) -> Resource:
    """The offer with its answer, ended by it."""
    said = answer_extension(answer, by, on, reason)
    return {**offer, "status": _ENDS[answer], "extension": [*(offer.get("extension") or ()), said]}


def withdrawn(offer: Resource, text: str) -> Resource:
    """The offer taken back by whoever made it."""
    reason = {"url": STATUS_REASON, "valueCodeableConcept": {"text": text}}
    return {**offer, "status": "revoked", "extension": [*(offer.get("extension") or ()), reason]}


def referral_id(offer: str) -> str:
    """The id of the referral that an offer becomes."""
    return deterministic_id("referral-of-offer", offer)


def referral_of(offer: Resource, performer: dict[str, Any], requester: dict[str, Any], authored: str) -> Resource:
    """The referral that an accepted offer becomes: the same, asked of somebody."""
    kept = {name: value for name, value in offer.items() if name not in _NOT_OF_THE_REFERRAL}
    extension = [each for each in offer.get("extension") or () if each.get("url") != OFFER_ANSWER]
    return {
        **kept, **({"extension": extension} if extension else {}), "id": referral_id(offer["id"]), "status": "active",
        "intent": "order", "basedOn": [*(offer.get("basedOn") or ()), {"reference": f"ServiceRequest/{offer['id']}"}],
        "performer": [performer], "requester": requester, "authoredOn": authored,
    }  # fmt: skip


def ends_with_a_choice(before: Resource | None, after: Resource, kind: ReferralKind | None) -> Iterator[Issue]:
    """An offer ends by the person's choice, or is withdrawn with a reason; a record that came ended is a record."""
    if kind is None or not is_offer(after) or before is None or before.get("status") == after.get("status"):
        return
    status, said = after.get("status"), answer_of(after)
    if status == "revoked" and said is None and not _gives_a_reason(after):
        yield Issue(
            "An offer is declined with the person's choice recorded: ServiceRequest/[id]/$answer-offer, or the"
            f" extension offer-answer; one that is withdrawn says why in request-statusReason ({_SOURCE})",
            "ServiceRequest.extension",
        )  # fmt: skip
    if status == "completed" and (said is None or said.get("answer") != ACCEPTED):
        yield Issue(
            f"An offer is completed when the person accepts it: ServiceRequest/[id]/$answer-offer ({_SOURCE})",
            "ServiceRequest.extension",
        )


def stays_an_offer(before: Resource | None, after: Resource) -> Iterator[Issue]:
    """What a kind of referral offers becomes an order by the person's answer alone, and a decline counts.

    http://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.intent: an intent is not changed.
    """
    if is_offer(before) and not is_offer(after) and after.get("status") != "entered-in-error":
        yield Issue(
            "The intent of an offer is not changed: accepted with ServiceRequest/[id]/$answer-offer, it becomes"
            f" an order of its own ({_SOURCE};"
            " http://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.intent)",
            "ServiceRequest.intent",
        )  # fmt: skip


def answer_is_whole(request: Resource) -> Iterator[Issue]:
    """What is recorded as the person's answer says what, who and when."""
    said = answer_of(request)
    if said is None:
        return
    missing = [name for name in ("answer", "by", "on") if not said.get(name)]
    if missing:
        yield Issue(f"offer-answer lacks {', '.join(missing)} ({_SOURCE})", "ServiceRequest.extension")
    if said.get("answer") not in (None, *ANSWERS):
        yield Issue(f"offer-answer.answer is {' or '.join(ANSWERS)}", "ServiceRequest.extension")


def _gives_a_reason(request: Resource) -> bool:
    return any(
        each.get("url") == STATUS_REASON and each.get("valueCodeableConcept") for each in request.get("extension") or ()
    )


def _value(part: dict[str, Any]) -> Any:
    return next((value for name, value in part.items() if name.startswith("value")), None)
