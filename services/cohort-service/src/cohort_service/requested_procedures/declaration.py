"""What requested Procedures add to the declaration of the service."""

from __future__ import annotations

from cohort_service.requested_procedures.request_handler import put_requested_procedure
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(listeners=(Listener("put-requested-procedure", ("tandem.procedure.requested",), put_requested_procedure),))
