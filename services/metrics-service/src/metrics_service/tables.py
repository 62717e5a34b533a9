"""The tables of metrics-service: the kernel's, and the facts that measures count."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from metrics_service.assurance_form import tables as assurance_form
from metrics_service.dashboard import tables as dashboard
from metrics_service.facts.tables import declare as declare_facts
from metrics_service.measures import tables as measures
from metrics_service.network_funding import tables as network_funding
from metrics_service.payments import tables as payments
from metrics_service.practice_reports import tables as practice_reports
from metrics_service.scheme import tables as scheme
from tandem.database.tables import declare_kernel_tables

metadata = MetaData()
declare_kernel_tables(metadata)

# One row for each thing that was heard of, folded from its events (`metrics_service.domain.facts` says what each column
# means). Days are London's, as date.toordinal(). `source` and `position` say which event the row stands on.
fact = Table(
    "fact", metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("patient", Text),
    Column("status", Text),
    Column("category", Text),
    Column("opened_on", Integer),
    Column("ended_on", Integer),
    # Of all versions the first; not of the newest, as the columns above.
    Column("seen_on", Integer, nullable=False),
    Column("agreed_on", Integer),
    Column("closed_on", Integer),
    Column("source", Text, nullable=False),
    Column("position", BigInteger),
)  # fmt: skip
Index("fact_patient", fact.c.kind, fact.c.patient)

declare_facts(metadata)

for part in (scheme, practice_reports, assurance_form, payments, network_funding, measures, dashboard):
    part.declare(metadata)
