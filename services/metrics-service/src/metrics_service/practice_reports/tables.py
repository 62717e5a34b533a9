"""Tables of quarterly reports. Days are date.toordinal(), times microseconds, `*_json` is JSON; parties are codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # The commissioner's template for the reports of periods that begin on a day or later.
    Table(
        "report_template", metadata,
        Column("commissioner", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("first_day", Integer, nullable=False),
        Column("questions_json", LargeBinary, nullable=False),
        Column("published_by", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    # A practice's report by the last day of its period. The figures are kept when it is submitted.
    Table(
        "practice_report", metadata,
        Column("practice", Text, primary_key=True),
        Column("period", Integer, primary_key=True, autoincrement=False),
        Column("content_json", LargeBinary, nullable=False),
        Column("figures_json", LargeBinary),
        Column("template_json", LargeBinary),
        Column("submitted_day", Integer),
        Column("submitted_by", Text),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
