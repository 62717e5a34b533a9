"""What a service adds to its declaration to know local agreements; `tables.declare` goes with it."""

from __future__ import annotations

from tandem.local_agreements.handlers import keep_agreement
from tandem.service import Listener
from tandem.service_part import Part

LOCAL_AGREEMENTS = Part(
    listeners=(Listener("keep-local-agreement", ("fhir.OrganizationAffiliation.*",), keep_agreement),)
)
