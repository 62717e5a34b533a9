"""What the facts add to the declaration of the service."""

from __future__ import annotations

from cohort_service.domain.facts.extract import FOREIGN_TYPES
from cohort_service.facts.foreign_records import take_foreign_record
from cohort_service.facts.record_follower import RECORD_FOLLOWER
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("facts", tuple(f"fhir.{name}.*" for name in FOREIGN_TYPES), take_foreign_record),),
    followers=(RECORD_FOLLOWER,),
)
