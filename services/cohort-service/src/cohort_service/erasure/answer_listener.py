"""What other services say of an erasure, and what that tells of one that this database has lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.erasure.order_rows import keep_answer
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.fhir.outcome import FhirError, Kind
from tandem.retention.erasure_feed import erase_known
from tandem.retention.tombstones import bury, is_erased
from tandem.service import Change, Work

if TYPE_CHECKING:
    from tandem.service import Service


async def on_answer(event: Event, work: Work) -> None:
    """Keep that a service has carried out an erasure.

    An answer about somebody who is held here means that this database was restored from before the erasure: it is
    carried out again.
    """
    from cohort_service.service import service

    assert event.data is not None, "an answer has data"
    digest = event.data["digest"]
    await keep_answer(work.connection, digest, event.source, event.data["removed"], to_micros(event.time))
    await _again(service, digest, work)


async def _again(service: Service, digest: str, work: Work) -> None:
    await erase_known(service, digest, work)
    await bury(work.connection, digest, to_micros(work.now), "{}")


async def refuse_erased(change: Change, work: Work) -> None:
    """A Patient that was erased does not come back under its id. Raises FhirError 410."""
    if change.before is None and change.after is not None and await is_erased(work.connection, change.id):
        raise FhirError(Kind.GONE, "The Patient of this id was erased")
