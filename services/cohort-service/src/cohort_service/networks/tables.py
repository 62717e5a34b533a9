"""Tables of networks. Days are days in London since 1 January 1970; the last day of a span belongs to it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    _declare_relations(metadata)
    _declare_people(metadata)
    _declare_figures(metadata)


def _declare_relations(metadata: MetaData) -> None:
    # What OrganizationAffiliations say beside membership and sharing. A reference is a code or `Organization/id`; the
    # code beside it is empty until the Organization is known. `responsibilities` is JSON.
    affiliation = Table(
        "network_affiliation", metadata,
        Column("id", Text, primary_key=True),
        Column("role", Text, primary_key=True),
        Column("service", Text, primary_key=True),
        Column("holder_reference", Text, nullable=False),
        Column("holder", Text),
        Column("member_reference", Text, nullable=False),
        Column("member", Text),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer, nullable=False),
        Column("team", Text),
        Column("agreed", Integer),
        Column("responsibilities", LargeBinary),
    )  # fmt: skip
    Index("network_affiliation_holder", affiliation.c.role, affiliation.c.holder)
    Index("network_affiliation_member", affiliation.c.role, affiliation.c.member)
    Index("network_affiliation_holder_reference", affiliation.c.holder_reference)
    Index("network_affiliation_member_reference", affiliation.c.member_reference)
    # Who leads a service of a network, kept from PractitionerRoles; service "" leads all.
    lead = Table(
        "service_lead", metadata,
        Column("id", Text, primary_key=True),
        Column("role", Text, primary_key=True),
        Column("service", Text, primary_key=True),
        Column("network_reference", Text, nullable=False),
        Column("network", Text),
        Column("practitioner", Text, nullable=False),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer, nullable=False),
    )  # fmt: skip
    Index("service_lead_network", lead.c.network)
    Index("service_lead_network_reference", lead.c.network_reference)
    # Which network's area a postcode sector is in, from a day on.
    Table(
        "sector_network", metadata,
        Column("sector", Text, primary_key=True),
        Column("first_day", Integer, primary_key=True, autoincrement=False),
        Column("network", Text, nullable=False),
        Column("author", Text, nullable=False),
    )  # fmt: skip


def _declare_people(metadata: MetaData) -> None:
    # Stays in care homes, kept from EpisodesOfCare.
    stay = Table(
        "care_home_stay", metadata,
        Column("reference", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("home_reference", Text, nullable=False),
        Column("home", Text),
        Column("first_day", Integer, nullable=False),
        Column("last_day", Integer, nullable=False),
    )  # fmt: skip
    Index("care_home_stay_patient", stay.c.patient)
    Index("care_home_stay_home", stay.c.home)
    Index("care_home_stay_home_reference", stay.c.home_reference)
    # An offer to re-register for each stay and aligned network: open, lapsed (no longer due) or closed. Times are
    # microseconds.
    offer = Table(
        "registration_offer", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("stay", Text, nullable=False),
        Column("home", Text, nullable=False),
        Column("network", Text, nullable=False),
        Column("since_day", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("opened", BigInteger, nullable=False),
        Column("choice", Text),
        Column("benefits_explained", Integer),
        Column("closed", BigInteger),
        Column("closed_by", Text),
        Column("closed_by_user", Text),
    )  # fmt: skip
    Index("registration_offer_patient", offer.c.patient)
    # The postcode sector where a person lives.
    Table(
        "person_sector", metadata,
        Column("patient", Text, primary_key=True),
        Column("sector", Text, nullable=False),
    )  # fmt: skip


def _declare_figures(metadata: MetaData) -> None:
    Table(
        "list_size", metadata,
        Column("practice", Text, primary_key=True),
        Column("day", Integer, primary_key=True, autoincrement=False),
        Column("registered", Integer, nullable=False),
        Column("weighted", Float(53)),
        Column("author", Text, nullable=False),
        Column("recorded", BigInteger, nullable=False),
    )  # fmt: skip
    Table(
        "staff_in_post", metadata,
        Column("network", Text, primary_key=True),
        Column("role", Text, primary_key=True),
        Column("day", Integer, primary_key=True, autoincrement=False),
        Column("wte", Float(53), nullable=False),
        # Pounds a year of all of them together.
        Column("cost", Float(53)),
        Column("author", Text, nullable=False),
        Column("recorded", BigInteger, nullable=False),
    )  # fmt: skip
    # What a commissioner says of a practice's population: `body` is JSON, one entry a characteristic.
    Table(
        "practice_profile", metadata,
        Column("practice", Text, primary_key=True),
        Column("day", Integer, primary_key=True, autoincrement=False),
        Column("body", LargeBinary, nullable=False),
        Column("author", Text, nullable=False),
        Column("recorded", BigInteger, nullable=False),
    )  # fmt: skip
    Table(
        "cancer_target", metadata,
        Column("organisation", Text, primary_key=True),
        Column("first_day", Integer, primary_key=True, autoincrement=False),
        Column("percent", Float(53), nullable=False),
        Column("by_year", Text, nullable=False),
        Column("author", Text, nullable=False),
    )  # fmt: skip
