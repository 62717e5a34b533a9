"""Tables of safety nets. Times are microseconds since 1970 (UTC), days ISO dates in London."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from tandem.identity.periods import FOREVER


def declare(metadata: MetaData) -> None:
    """Declare the tables on `metadata`."""
    # What was settled when a net opened. `days` is JSON: days by step. Never deleted.
    net = Table(
        "safety_net", metadata,
        Column("request", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        # The day of the referral.
        Column("day", Text, nullable=False),
        # That of the first referral that it takes the place of: clocks count from it.
        Column("first_day", Text, nullable=False),
        Column("opened", BigInteger, nullable=False),
        Column("policy", Text, nullable=False),
        # The version of the network's protocol whose days these are, if it has one.
        Column("protocol", Text),
        Column("days", LargeBinary, nullable=False),
        # The organisation that wrote the request (a code).
        Column("author", Text, nullable=False),
    )  # fmt: skip
    Index("safety_net_patient", net.c.patient)

    # What each source said, version by version, of a request that may have a net; kept even before it has one.
    # `detail` is JSON.
    fact = Table(
        "safety_net_fact", metadata,
        Column("request", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("happened", BigInteger, nullable=False),
        Column("detail", LargeBinary, nullable=False),
    )  # fmt: skip
    Index("safety_net_fact_source", fact.c.source)
    Index("safety_net_fact_patient", fact.c.patient, fact.c.kind)

    # The life of each net, `[since, until)` one after the other: worked out anew with every fact. Nothing says overdue:
    # that is a comparison at read.
    span = Table(
        "safety_net_span", metadata,
        Column("request", Text, primary_key=True),
        Column("place", Integer, primary_key=True, autoincrement=False),
        Column("patient", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        # 0 when the net is closed.
        Column("open", Integer, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False, server_default=str(FOREVER)),
        Column("due", BigInteger, nullable=False, server_default=str(FOREVER)),
    )  # fmt: skip
    Index("safety_net_span_open", span.c.open, span.c.until, span.c.due, span.c.request)
    Index("safety_net_span_person", span.c.patient, span.c.open, span.c.until)

    # The Tasks by which the practice is chased; they never carry the state.
    chase = Table(
        "safety_net_chase", metadata,
        Column("task", Text, primary_key=True),
        Column("request", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("due", BigInteger, nullable=False),
        Column("asked", BigInteger, nullable=False),
        Column("ended", BigInteger),
    )  # fmt: skip
    Index("safety_net_chase_request", chase.c.request)

    # Diagnoses of cancer: `source` is the step or the call that recorded it; `detail` is JSON.
    diagnosis = Table(
        "cancer_diagnosis", metadata,
        Column("source", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("request", Text),
        Column("day", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("detail", LargeBinary, nullable=False),
    )  # fmt: skip
    Index("cancer_diagnosis_day", diagnosis.c.day)
    Index("cancer_diagnosis_patient", diagnosis.c.patient)
