"""Tables of the duty register. Days are days in London since 1 January 1970; organisations are codes."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # One row a duty, in step with its Task. `network` is the one it is owed to; NULL when it is owed once to all.
    # `met_day`, `until_day` (the last on which its evidence holds) and `withdrawn_day` are NULL as long as they are
    # open. What state that is on a day is worked out when it is asked for.
    duty = Table(
        "duty", metadata,
        Column("task", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("owner_kind", Text, nullable=False),
        Column("network", Text),
        Column("requirement", Text),
        Column("service", Text),
        Column("text", Text, nullable=False),
        Column("first_day", Integer, nullable=False),
        Column("due_day", Integer, nullable=False),
        Column("met_day", Integer),
        Column("until_day", Integer),
        Column("withdrawn_day", Integer),
    )  # fmt: skip
    Index("duty_owner", duty.c.owner)
    # The Tasks that were given to somebody because a duty was overdue; `step` is the one of the chasing policy.
    Table(
        "duty_chase", metadata,
        Column("duty", Text, primary_key=True),
        Column("step", Integer, primary_key=True, autoincrement=False),
        Column("task", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("day", Integer, nullable=False),
    )  # fmt: skip
    # The ids that giving has taken, so that two who give at once make one Task.
    Table("duty_given", metadata, Column("task", Text, primary_key=True))
    # Whose duties are given anew each financial year, and to whoever joins them: a network that began the register.
    Table("duty_register", metadata, Column("network", Text, primary_key=True))
