"""What requested Observations add to the declaration of the service."""

from __future__ import annotations

from cohort_service.requested_observations.request_handler import put_requested_observation
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("put-requested-observation", ("tandem.observation.requested",), put_requested_observation),)
)
