"""What a ServiceRequest that claims a kind of referral has to say (AC-050, PC-047)."""

from __future__ import annotations

from collections.abc import Iterator

from referral_service.domain.referral_loop import (
    asks_now,
    followed_kind,
    is_sent,
    performer_organisation,
)
from tandem.canonical import REFERRAL_KIND
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.nhs.referral_kind import ReferralKinds, claims_by_category, unknown_kinds

_SOURCE = "000 §4.12 r6; docs/referrals.md"


def kind_is_known(request: Resource, kinds: ReferralKinds) -> Iterator[Issue]:
    """A code of CodeSystem/referral-kind is one of the file's."""
    if unknown_kinds(request, kinds):
        known = ", ".join(kinds.kinds)
        text = f"{REFERRAL_KIND} has no such kind of referral; there are {known} ({_SOURCE})"
        yield Issue(text, "ServiceRequest.category")


def names_whom_it_asks(request: Resource, kinds: ReferralKinds) -> Iterator[Issue]:
    """A request that claims a kind by its category, and is active, asks an organisation."""
    kind = kinds.of(request)
    if kind is None or kind.answer is None or not claims_by_category(request):
        return
    if asks_now(request) and performer_organisation(request) is None:
        yield Issue(
            f"An active referral of the kind {kind.code} names the organisation that is asked: a Reference to an"
            f" Organization, or its identifier, among performer ({_SOURCE})", "ServiceRequest.performer",
        )  # fmt: skip


def keeps_whom_it_asks(before: Resource, after: Resource, kinds: ReferralKinds) -> Iterator[Issue]:
    """A referral that was sent does not turn to another organisation under the same id."""
    if followed_kind(before, kinds) is None or not is_sent(before) or after.get("status") != "active":
        return
    if reference_code(performer_organisation(before)) != reference_code(performer_organisation(after)):
        yield Issue(
            "A referral that was sent keeps the organisation that is asked; ask another one by ServiceRequest/[id]/"
            f"$redirect ({_SOURCE})", "ServiceRequest.performer",
        )  # fmt: skip
