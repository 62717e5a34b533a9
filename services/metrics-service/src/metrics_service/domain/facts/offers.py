"""Offers of a service: invitations that were sent (docs/invitations.md; 000 §2.15 requirement 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import code_of, coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import COMMUNICATION_CATEGORY
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code

_INVITATION: Final = "invitation"


def read_offer(communication: Resource, event: Event) -> Iterable[Fact]:
    """An invitation from the day it was sent: `codings` what it invites to, `organisation` the practice."""
    category = code_of(COMMUNICATION_CATEGORY, *(communication.get("category") or ()))
    sent = given_day(communication.get("sent"))
    if category == _INVITATION and communication.get("status") == "completed" and sent is not None:
        sender = reference_code(communication.get("sender"))
        yield Fact("offer", sent, codings=coding_texts(communication.get("topic")), organisation=sender)
