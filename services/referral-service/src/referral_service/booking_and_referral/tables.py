"""Messages that were taken, and which services can be sent one."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds since 1970 (UTC)."""
    # A message that was carried out. `message` is the sender's MessageHeader.id, `focus` the id that the sender's
    # system gives the ServiceRequest, `referral` and `version` what was made of it here.
    taken = Table(
        "message", metadata,
        Column("sender", Text, primary_key=True),
        Column("request_id", Text, primary_key=True),
        Column("message", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("event", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("focus", Text),
        Column("referral", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("taken", BigInteger, nullable=False),
        UniqueConstraint("sender", "message", name="message_of_sender"),
    )  # fmt: skip
    Index("message_focus", taken.c.sender, taken.c.focus)
    Index("message_referral", taken.c.referral)

    # Identifiers by which senders address a service, such as its DoS service id; of a HealthcareService.
    address = Table(
        "message_address", metadata,
        Column("service", Text, primary_key=True),
        Column("system", Text, primary_key=True),
        Column("value", Text, primary_key=True),
        Column("organisation", Text, nullable=False),
    )  # fmt: skip
    Index("message_address_value", address.c.system, address.c.value)
