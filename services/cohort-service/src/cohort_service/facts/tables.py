"""People, codes and facts as integers. Days are days in London since 1 January 1970 (see docs/decisions/0008)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Identity, Index, Integer, MetaData, Table, Text, UniqueConstraint

_KEY = BigInteger().with_variant(Integer, "sqlite")


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    Table(
        "person", metadata,
        Column("number", _KEY, Identity(), primary_key=True),
        Column("patient", Text, nullable=False, unique=True),
        Column("born", Integer),
        Column("sex", Text),
        Column("died", Integer),
        # no longer registered from this day on
        Column("left_on", Integer),
    )  # fmt: skip
    # Every code that a record or a value set has given. `bnf` comes from a map that was loaded; products of one
    # substance share `substance`, which is the number of the code itself while nothing else is known.
    Table(
        "concept", metadata,
        Column("number", _KEY, Identity(), primary_key=True),
        Column("system", Text, nullable=False),
        Column("code", Text, nullable=False),
        Column("display", Text),
        Column("bnf", Text),
        Column("substance", BigInteger),
        UniqueConstraint("system", "code", name="concept_code"),
    )  # fmt: skip
    # A resource that gave facts, by the reference that evidence shows.
    record = Table(
        "record", metadata,
        Column("number", _KEY, Identity(), primary_key=True),
        Column("reference", Text, nullable=False, unique=True),
        Column("person", BigInteger, nullable=False),
    )  # fmt: skip
    Index("record_person", record.c.person)
    for name in ("fact", "medicine"):
        table = Table(
            name, metadata,
            Column("person", BigInteger, nullable=False),
            Column("concept", Integer, nullable=False),
            Column("starts", Integer, nullable=False),
            Column("ends", Integer),
            Column("record", BigInteger, nullable=False),
        )  # fmt: skip
        if name == "fact":
            table.append_column(Column("value", Float(53)))
        else:
            # which of the codings of an order says what was ordered: a concept, the same in all rows of a record
            table.append_column(Column("product", Integer, nullable=False))
        # no primary key: one record may give a code twice, and rows are only ever replaced record by record
        Index(f"{name}_concept", table.c.concept, table.c.person, table.c.starts, table.c.ends)
        Index(f"{name}_person", table.c.person)
        Index(f"{name}_record", table.c.record)
    # People whose facts changed through another service's event, to be evaluated by the follower's next turn.
    Table("stale_person", metadata, Column("person", BigInteger, primary_key=True, autoincrement=False))
    # Orders and statements that refer to a Medication, whichever service they are from: all that their facts need
    # besides it. `reference` is theirs, `medication` the id.
    order = Table(
        "referring_order", metadata,
        Column("reference", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("medication", Text, nullable=False),
        Column("starts", Integer, nullable=False),
        Column("ends", Integer),
    )  # fmt: skip
    Index("referring_order_medication", order.c.medication)
    # Such orders whose facts are to be written again, because they or their Medication changed.
    Table("stale_order", metadata, Column("reference", Text, primary_key=True))
