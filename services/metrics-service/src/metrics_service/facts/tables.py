"""Tables of facts. Days are date.toordinal() in London, moments microseconds since 1970 (UTC)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Identity, Index, Integer, MetaData, Table, Text, text

# SQLite numbers a key of its own only where it is an INTEGER.
_KEY = BigInteger().with_variant(Integer, "sqlite")


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # Which versions of each source were heard of, and when each was written. `position` is the place of the event in
    # the log of `service`.
    Table(
        "told_version", metadata,
        Column("source", Text, primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("known_from", BigInteger, nullable=False),
    )  # fmt: skip
    # A set of codings that some CodeableConcept had: texts `system|code`, each after a line feed, ended by one.
    Table(
        "concept", metadata,
        Column("number", _KEY, Identity(), primary_key=True),
        Column("codings", Text, nullable=False, unique=True),
    )  # fmt: skip
    # What each version said, and between which moments that was what the source said (`metrics_service.domain.facts`).
    fact = Table(
        "told_fact", metadata,
        Column("source", Text, primary_key=True),
        Column("version", BigInteger, primary_key=True, autoincrement=False),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("patient", Text),
        # The practice of the person on the day `first`, as it is known now (`metrics_service.facts.practice_on_day`).
        Column("practice", Text),
        Column("first", Integer, nullable=False),
        # 0 when the record did not say: `first` is the day of the first version that was written.
        Column("dated", Integer, nullable=False),
        Column("last", Integer),
        Column("status", Text),
        Column("category", Text),
        Column("detail", Text),
        Column("concept", BigInteger),
        Column("value", Float(53)),
        Column("organisation", Text),
        Column("place", Text),
        Column("group_source", Text),
        Column("known_from", BigInteger, nullable=False),
        Column("known_until", BigInteger, nullable=False),
    )  # fmt: skip
    Index("told_fact_kind_first", fact.c.kind, fact.c.first)
    Index("told_fact_patient", fact.c.patient, fact.c.kind)
    # Most conditions on a person are on facts of which there are few, strewn among many: they are read from this alone.
    few = f"known_until = {2**62} AND kind NOT IN ('condition', 'encounter', 'observation', 'prescription')"
    Index(
        "told_fact_of_few", fact.c.kind, fact.c.first,
        postgresql_include=["patient", "last", "status", "category", "detail", "practice", "organisation"],
        # SQLite cannot tell from `kind = 'list-stay'` that the condition holds: there it has no rows.
        postgresql_where=text(few), sqlite_where=text("kind IS NULL"),
    )  # fmt: skip
    # What happened at a care home, and who lives there: few facts have a place.
    placed = fact.c.place.is_not(None)
    Index(
        "told_fact_place", fact.c.place, fact.c.kind, fact.c.first, postgresql_where=placed, sqlite_where=placed
    )
    grouped = fact.c.group_source.is_not(None)
    Index("told_fact_group", fact.c.group_source, postgresql_where=grouped, sqlite_where=grouped)
    # Each version of a person. `starts` and `ends` are the days in which it says where they are registered: of the
    # first version from the beginning of time, of the last to its end.
    person = Table(
        "told_person", metadata,
        Column("patient", Text, primary_key=True),
        Column("version", BigInteger, primary_key=True, autoincrement=False),
        Column("practice", Text),
        # 1 when it says that the person is registered no more; the practice then is where they were.
        Column("gone", Integer, nullable=False, server_default="0"),
        Column("born", Integer),
        Column("died", Integer),
        Column("sex", Text),
        Column("ethnicity", Text),
        Column("deprivation", Integer),
        Column("starts", Integer, nullable=False),
        Column("ends", Integer, nullable=False),
        Column("known_from", BigInteger, nullable=False),
        Column("known_until", BigInteger, nullable=False),
    )  # fmt: skip
    Index("told_person_practice", person.c.practice)
    # References to organisations that stand in facts and whose code was not known when they were written.
    Table("unsettled_organisation", metadata, Column("reference", Text, primary_key=True))
    # How often what is said of a kind and a month has changed (`metrics_service.facts.changes`).
    Table(
        "fact_change", metadata,
        Column("kind", Text, primary_key=True),
        Column("month", Integer, primary_key=True, autoincrement=False),
        Column("changes", BigInteger, nullable=False),
    )  # fmt: skip
    # Which code of the BNF a product of dm+d has; `position` is that of the event that told it last.
    Table(
        "product", metadata,
        Column("code", Text, primary_key=True),
        Column("bnf", Text, nullable=False),
        Column("position", BigInteger, nullable=False),
    )  # fmt: skip
