"""Which HealthcareServices are entries of the directory of support offers, by what they offer and whom they serve."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Organisations stand as they are named: by code, or `Organization/id`."""
    # `stated` is 1 when it says whom it serves; else it serves the networks of its provider.
    service = Table(
        "support_service", metadata,
        Column("service", Text, primary_key=True),
        Column("provider", Text, nullable=False),
        Column("stated", Integer, nullable=False),
    )  # fmt: skip
    Index("support_service_provider", service.c.provider)
    offer = Table(
        "support_service_offer", metadata,
        Column("service", Text, primary_key=True),
        Column("offer", Text, primary_key=True),
    )  # fmt: skip
    Index("support_service_offer_offer", offer.c.offer)
    area = Table(
        "support_service_area", metadata,
        Column("service", Text, primary_key=True),
        Column("area", Text, primary_key=True),
    )  # fmt: skip
    Index("support_service_area_area", area.c.area)
