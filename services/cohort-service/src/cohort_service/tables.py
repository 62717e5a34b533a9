"""The tables of cohort-service: the kernel's, and those of each of its parts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from cohort_service.agreements import tables as agreements
from cohort_service.capacity import tables as capacity
from cohort_service.case_register import tables as case_register
from cohort_service.catalogue import tables as catalogue
from cohort_service.engagement import tables as engagement
from cohort_service.erasure import tables as erasure
from cohort_service.extracts import tables as extracts
from cohort_service.facts import tables as facts
from cohort_service.invitations import tables as invitations
from cohort_service.lists import tables as lists
from cohort_service.networks import tables as networks
from cohort_service.requirements_catalogue import tables as requirements_catalogue
from cohort_service.runs import tables as runs
from cohort_service.service_entries import tables as service_entries
from cohort_service.support_offers import tables as support_offers
from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

# What single records say of where a person lives, kept from the records themselves (times in microseconds).
residency_statement = Table(
    "residency_statement", metadata,
    Column("reference", Text, primary_key=True),
    Column("patient", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("recorded", Text, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger),
)  # fmt: skip
Index("residency_statement_patient", residency_statement.c.patient)

for part in (
    facts, catalogue, lists, networks, runs, agreements, requirements_catalogue, invitations, case_register,
    engagement, service_entries, extracts, capacity, support_offers, erasure,
):  # fmt: skip
    part.declare(metadata)
