"""Versions of definitions and value sets, and the choices of networks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`. Times are microseconds, `active` is 0/1."""
    # One row a version; the newest active one of an id is in force, older ones stay readable. `text` is the YAML.
    Table(
        "cohort_definition", metadata,
        Column("id", Text, primary_key=True),
        Column("version", Text, primary_key=True),
        Column("text", Text, nullable=False),
        Column("active", Integer, nullable=False),
        Column("installed", BigInteger, nullable=False),
        Column("installed_by", Text, nullable=False),
    )  # fmt: skip
    Table(
        "value_set", metadata,
        Column("id", Text, primary_key=True),
        Column("version", Text, primary_key=True),
        Column("title", Text, nullable=False),
        Column("source", Text, nullable=False),
        # value sets of one group are counted together (the 36 deficits of the electronic frailty index)
        Column("grouping", Text),
        Column("active", Integer, nullable=False),
        Column("installed", BigInteger, nullable=False),
        Column("installed_by", Text, nullable=False),
    )  # fmt: skip
    member = Table(
        "value_set_member", metadata,
        Column("value_set", Text, primary_key=True),
        Column("version", Text, primary_key=True),
        Column("concept", BigInteger, primary_key=True, autoincrement=False),
        Column("active", Integer, nullable=False),
        # 1 when the code stands for all BNF codes that begin with it, but for those of `excepting` (comma separated)
        Column("prefix", Integer, nullable=False, server_default="0"),
        Column("excepting", Text),
    )  # fmt: skip
    Index("value_set_member_concept", member.c.concept)
    # The map of products (dm+d by SNOMED CT code) that was loaded; what is recorded takes its BNF code from here.
    Table(
        "product", metadata,
        Column("code", Text, primary_key=True),
        Column("bnf", Text, nullable=False),
        Column("substance", Text),
    )  # fmt: skip
    # One row: a mark that is another one after every change of what stands in these tables, and is never used again.
    Table(
        "catalogue_mark", metadata,
        Column("name", Text, primary_key=True),
        Column("mark", Text, nullable=False),
    )  # fmt: skip
    # What a network switched on or off, or changed, from a day on; `parameters` is JSON.
    Table(
        "cohort_choice", metadata,
        Column("organisation", Text, primary_key=True),
        Column("cohort", Text, primary_key=True),
        Column("from_day", Integer, primary_key=True, autoincrement=False),
        Column("switched_on", Integer, nullable=False),
        Column("parameters", LargeBinary),
        Column("made", BigInteger, nullable=False),
        Column("made_by", Text, nullable=False),
    )  # fmt: skip
