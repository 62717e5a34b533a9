"""The net of the request that an operation is called on, if its caller may see it, with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from referral_service.domain.safety_nets.episode import Episode
from referral_service.domain.safety_nets.fact import Fact, known_at
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.spans import episode_at
from referral_service.safety_nets.fact_rows import facts_of, terms_of
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

GRACE: Final = timedelta(milliseconds=1)
"""Facts of one moment are told apart by microseconds; an instant has milliseconds."""


@dataclass(frozen=True, slots=True)
class SeenNet:
    """The terms of a net and every fact of it."""

    terms: NetTerms
    facts: list[Fact]

    def known(self, moment: datetime) -> list[Fact]:
        """What was known at a moment."""
        return known_at(self.facts, moment + GRACE)

    def episode(self, moment: datetime) -> Episode | None:
        """What counted at a moment; None while it was closed."""
        return episode_at(self.facts, moment + GRACE)


async def seen_net(call: OperationCall, connection: Connection, *, lock: bool = False) -> SeenNet:
    """Raises FhirError 404 for a request that the caller may not see, and for one without a safety net."""
    await asked_about_person(call, connection, lock=lock)
    terms = await terms_of(connection, str(call.id))
    if terms is None:
        text = "This request has no safety net: one belongs to an active request for suspected cancer (000 §6.11)"
        raise FhirError(Kind.NOT_FOUND, text)
    return SeenNet(terms, await facts_of(connection, terms))
