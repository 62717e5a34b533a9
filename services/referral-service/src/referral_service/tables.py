"""The tables of referral-service: the kernel's, and those of each of its parts."""

from __future__ import annotations

from sqlalchemy import MetaData

from referral_service.booking_and_referral import tables as booking_and_referral
from referral_service.clocks import tables as clocks
from referral_service.loops import tables as loops
from referral_service.safety_nets import tables as safety_nets
from referral_service.support import tables as support
from referral_service.suspected_cancer import tables as suspected_cancer
from referral_service.urgent_response import tables as urgent_response
from tandem.cohort_membership import tables as cohort_membership
from tandem.database.tables import declare_kernel_tables
from tandem.directory import tables as directory
from tandem.fhir import repeated_request
from tandem.local_agreements import tables as local_agreements

metadata = MetaData()
declare_kernel_tables(metadata)

for part in (
    directory,
    cohort_membership,
    local_agreements,
    repeated_request,
    loops,
    booking_and_referral,
    clocks,
    urgent_response,
    suspected_cancer,
    safety_nets,
    support,
):
    part.declare(metadata)
