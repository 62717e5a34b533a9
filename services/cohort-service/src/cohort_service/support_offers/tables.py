"""Which HealthcareServices are entries of the directory of support offers, by what they offer and whom they serve."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`."""
    # One row an offer and area. The area is a network or commissioner that the service names, or the provider when it
    # names none (`by_provider` 1): by code, or as `Organization/id`, just as it is named.
    entry = Table(
        "support_offer_area", metadata,
        Column("service", Text, primary_key=True),
        Column("offer", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        Column("by_provider", Integer, nullable=False),
    )  # fmt: skip
    Index("support_offer_area_area", entry.c.area, entry.c.by_provider, entry.c.offer)
