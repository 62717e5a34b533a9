"""Which requests open a net, and what is refused of those that do."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.safety_nets.agreed_review import LAST_YEAR, agreed_review, has_unreadable_time
from referral_service.domain.safety_nets.codes import CONCERN, CONCERNS, TRIGGERS
from referral_service.domain.safety_nets.net_policy import NetPolicy
from tandem.canonical import CANCER_CONCERN, SAFETY_NET_TRIGGER
from tandem.clock import from_micros, to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds
from tandem.london_days import london_date
from tandem.service import Change

_OFFERS = frozenset({"proposal", "option"})


def opens_net(request: Resource, kind: str, policy: NetPolicy) -> bool:
    """Whether a net belongs to it: it is active, really asked for, and the policy of its day requires one."""
    asked = request.get("status") == "active" and request.get("doNotPerform") is not True
    return asked and request.get("intent") not in _OFFERS and policy.requires_net(kind, request)


def opening_faults(change: Change, kind: str, policy: NetPolicy) -> Iterator[Issue]:
    """What is wrong with a request that opens a net, or has one."""
    request = change.after
    if request is None or not opens_net(request, kind, policy):
        return
    authored = _begin(request)
    if authored is not None and authored > to_micros(change.now):
        text = "A request with a safety net is not written in the future: its steps and clocks count from it"
        yield Issue(f"{text} (000 §6.2 fn13)", "ServiceRequest.authoredOn")
    if kind == CONCERN:
        yield from _concern_faults(request, authored)


def _concern_faults(request: Resource, authored: int | None) -> Iterator[Issue]:
    review = agreed_review(request)
    if review.nothing:
        text = (
            "A safety net without referral needs a review: a time agreed with the person (occurrence[x]), or what lets"
        )
        yield Issue(f"{text} them start it (asNeeded[x]) (000 §6.11 fn14, ECD-030)", "ServiceRequest.occurrence")
    if has_unreadable_time(request):
        text = f"The agreed review is a time up to {LAST_YEAR} (000 §6.11 fn14, ECD-030)"
        yield Issue(text, "ServiceRequest.occurrence")
    if authored is not None and any(day < london_date(from_micros(authored)) for day in review.days):
        text = "The agreed review lies before the request was written (000 §6.11 fn14)"
        yield Issue(text, "ServiceRequest.occurrence")
    codings = (request.get("code") or {}).get("coding") or ()
    if any(each.get("system") == CANCER_CONCERN and each.get("code") not in CONCERNS for each in codings):
        yield Issue(f"A concern is one of {', '.join(CONCERNS)} (000 §6.2 fn13, §6.11 fn14)", "ServiceRequest.code")
    asked = (request.get("asNeededCodeableConcept") or {}).get("coding") or ()
    if any(each.get("system") == SAFETY_NET_TRIGGER and each.get("code") not in TRIGGERS for each in asked):
        text = f"A trigger is one of {', '.join(TRIGGERS)} (000 §6.11 fn14)"
        yield Issue(text, "ServiceRequest.asNeeded")


def _begin(request: Resource) -> int | None:
    try:
        return bounds(str(request["authoredOn"]))[0]
    except (KeyError, ValueError, OverflowError):
        return None
