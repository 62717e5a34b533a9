"""The kernel's tables, declared on each service's own MetaData so that services never share one.

Times are microseconds since 1970 (UTC), flags are 0/1, organisations are codes as in `tandem.identity.organisations`:
the bare ODS code, or `system|value` for an organisation without one.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)  # fmt: skip

# SQLite gives only an INTEGER PRIMARY KEY its own numbers.
_KEY = BigInteger().with_variant(Integer, "sqlite")


def declare_kernel_tables(metadata: MetaData) -> None:
    """Declare the kernel's tables on `metadata`."""
    _store(metadata)
    _search(metadata)
    _events(metadata)
    _work(metadata)
    _identity(metadata)
    _subscriptions(metadata)
    _shared_with(metadata)
    _carers(metadata)
    _erasures(metadata)


def _store(metadata: MetaData) -> None:
    # One row a resource: where it stands now, and who may see it.
    Table(
        "resource", metadata,
        Column("key", _KEY, Identity(), primary_key=True),
        Column("type", Text, nullable=False),
        Column("id", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("updated", BigInteger, nullable=False),
        Column("deleted", Integer, nullable=False, server_default="0"),
        Column("log_id", BigInteger, nullable=False),
        # Patient.id whose compartment it is in; NULL when it is about no patient known here.
        Column("patient", Text),
        # The organisation that created it, and the one it is kept for when it is about no patient.
        Column("author", Text),
        Column("custodian", Text),
        # Set when the creator had no access to the patient: it may read back what it sent, and nothing more.
        Column("received_from", Text),
        UniqueConstraint("type", "id", name="resource_type_id"),
    )  # fmt: skip
    table = metadata.tables["resource"]
    Index("resource_patient", table.c.patient, table.c.type)
    Index("resource_updated", table.c.type, table.c.updated, table.c.key)
    Index("resource_type_key", table.c.type, table.c.key)
    # One row a version and one a domain event: the history of every resource and the event log are the same rows.
    Table(
        "log", metadata,
        Column("id", _KEY, Identity(), primary_key=True),
        Column("event_id", Text, nullable=False, unique=True),
        Column("kind", Text, nullable=False),
        Column("type", Text),
        Column("resource_id", Text),
        Column("version", Integer),
        Column("at", BigInteger, nullable=False),
        Column("patient", Text),
        Column("author", Text),
        # 1 when the author had access to the patient at the time of writing (or there is no patient).
        Column("granted", Integer, nullable=False, server_default="1"),
        Column("correlation", Text),
        # The registered practice named beside a Patient when it was loaded.
        Column("practice", Text),
        Column("body", LargeBinary),
        UniqueConstraint("type", "resource_id", "version", name="log_version"),
    )  # fmt: skip
    log = metadata.tables["log"]
    Index("log_type", log.c.type, log.c.id)


def _search(metadata: MetaData) -> None:
    # `param` is the number of (type, parameter) in tandem.fhir.search.parameters.
    token = Table(
        "search_token", metadata,
        Column("key", BigInteger, nullable=False),
        Column("param", Integer, nullable=False),
        Column("system", Text),
        Column("code", Text, nullable=False),
    )  # fmt: skip
    Index("search_token_code", token.c.param, token.c.code, token.c.key, token.c.system)
    Index("search_token_key", token.c.key)
    date = Table(
        "search_date", metadata,
        Column("key", BigInteger, nullable=False),
        Column("param", Integer, nullable=False),
        Column("low", BigInteger, nullable=False),
        Column("high", BigInteger, nullable=False),
    )  # fmt: skip
    Index("search_date_low", date.c.param, date.c.low, date.c.key)
    Index("search_date_key", date.c.key)
    string = Table(
        "search_string", metadata,
        Column("key", BigInteger, nullable=False),
        Column("param", Integer, nullable=False),
        # Folded (no case, no accents) for matching, and as written for :exact.
        Column("folded", Text(collation="C").with_variant(Text(), "sqlite"), nullable=False),
        Column("value", Text, nullable=False),
    )  # fmt: skip
    Index("search_string_folded", string.c.param, string.c.folded, string.c.key)
    Index("search_string_key", string.c.key)
    number = Table(
        "search_number", metadata,
        Column("key", BigInteger, nullable=False),
        Column("param", Integer, nullable=False),
        # A quantity is a point (low = high) and a range a span; precision counts only on the value searched for.
        Column("low", Float(53), nullable=False),
        Column("high", Float(53), nullable=False),
        Column("system", Text),
        Column("unit", Text),
    )  # fmt: skip
    Index("search_number_low", number.c.param, number.c.low, number.c.key)
    Index("search_number_key", number.c.key)


def _events(metadata: MetaData) -> None:
    # Written in the transaction of the change; emptied by the sequencer, which gives the position in the log.
    Table(
        "outbox", metadata,
        Column("log_id", BigInteger, primary_key=True, autoincrement=False),
        Column("txid", BigInteger, nullable=False, server_default=text("0")),
    )  # fmt: skip
    Table(
        "event_position", metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("log_id", BigInteger, nullable=False, unique=True),
    )  # fmt: skip
    # How far something has come in a log: the relay in its own, a consumer in another service's.
    Table(
        "cursor", metadata,
        Column("name", Text, primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    inbox = Table(
        "inbox", metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Text, primary_key=True),
        Column("at", BigInteger, nullable=False),
        # In whose log it is and where; NULL in what was taken before there was pruning, which therefore stays.
        Column("source", Text),
        Column("kind", Text),
        Column("position", BigInteger),
    )  # fmt: skip
    Index("inbox_at", inbox.c.at)
    # Every domain event of this kind up to this position of that log was taken: their rows of `inbox` may be gone.
    Table(
        "inbox_pruned", metadata,
        Column("consumer", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("position", BigInteger, nullable=False),
    )  # fmt: skip
    # The newest version of each resource that a consumer has applied.
    Table(
        "inbox_version", metadata,
        Column("consumer", Text, primary_key=True),
        Column("subject", Text, primary_key=True),
        Column("version", Integer, nullable=False),
    )  # fmt: skip
    # Events that could not be applied yet: waiting for an earlier version, to be retried, or dead.
    parked = Table(
        "parked", metadata,
        Column("id", _KEY, Identity(), primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("subject", Text),
        Column("version", Integer),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("next_at", BigInteger, nullable=False),
        Column("error", Text),
        Column("envelope", LargeBinary, nullable=False),
        Column("at", BigInteger, nullable=False),
        UniqueConstraint("consumer", "event_id", name="parked_event"),
    )  # fmt: skip
    Index("parked_next", parked.c.state, parked.c.next_at)
    Index("parked_subject", parked.c.consumer, parked.c.subject, parked.c.version)
    # What happens at a time without a write: fires once for a kind and key when the domain clock passes `at`.
    due = Table(
        "due", metadata,
        Column("kind", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("at", BigInteger, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("fired_at", BigInteger),
    )  # fmt: skip
    Index("due_at", due.c.fired_at, due.c.at)


def _work(metadata: MetaData) -> None:
    Table(
        "lease", metadata,
        Column("name", Text, primary_key=True),
        Column("holder", Text, nullable=False),
        Column("until", BigInteger, nullable=False),
    )  # fmt: skip
    Table(
        "job", metadata,
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("caller", LargeBinary, nullable=False),
        Column("request", LargeBinary, nullable=False),
        Column("checkpoint", LargeBinary),
        Column("result", LargeBinary),
        Column("done", BigInteger, nullable=False, server_default="0"),
        Column("total", BigInteger),
        Column("cancelled", Integer, nullable=False, server_default="0"),
        Column("holder", Text),
        Column("until", BigInteger, nullable=False, server_default="0"),
        Column("created", BigInteger, nullable=False),
        Column("updated", BigInteger, nullable=False),
    )  # fmt: skip
    # SQLite only: a long request apart from the row that changes while the work goes on (tandem.fhir.job_table).
    Table(
        "job_request", metadata,
        Column("job", Text, primary_key=True),
        Column("request", LargeBinary, nullable=False),
    )  # fmt: skip
    audit = Table(
        "audit", metadata,
        Column("id", _KEY, Identity(), primary_key=True),
        Column("at", BigInteger, nullable=False),
        Column("organisation", Text, nullable=False),
        Column("client", Text),
        Column("fhir_user", Text),
        Column("role", Text),
        Column("purpose", Text),
        Column("action", Text, nullable=False),
        Column("type", Text),
        Column("resource_id", Text),
        Column("patient", Text),
        Column("request_id", Text),
        Column("status", Integer, nullable=False),
    )  # fmt: skip
    Index("audit_patient", audit.c.patient, audit.c.id)
    Index("audit_organisation", audit.c.organisation, audit.c.id)


def _identity(metadata: MetaData) -> None:
    # What each service knows, from events or from its own resources, of who is who and who may see whom.
    organisation = Table(
        "organisation", metadata,
        Column("id", Text, primary_key=True),
        Column("code", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("active", Integer, nullable=False),
    )  # fmt: skip
    Index("organisation_code", organisation.c.code)
    patient = Table(
        "patient", metadata,
        Column("id", Text, primary_key=True),
        Column("nhs_number", Text, unique=True),
        Column("practice_reference", Text),
        Column("practice", Text),
        Column("deleted", Integer, nullable=False, server_default="0"),
    )  # fmt: skip
    Index("patient_practice", patient.c.practice)
    Index("patient_practice_reference", patient.c.practice_reference)
    # NHS numbers that a person had: an erasure looks for these too.
    Table(
        "former_nhs_number", metadata,
        Column("patient", Text, primary_key=True),
        Column("nhs_number", Text, primary_key=True),
    )  # fmt: skip
    for name in ("membership", "agreement"):
        # membership: member belongs to the network. agreement: member may see people of the holder's practices.
        table = Table(
            name, metadata,
            Column("id", Text, primary_key=True),
            Column("holder_reference", Text, nullable=False),
            Column("member_reference", Text, nullable=False),
            Column("holder", Text),
            Column("member", Text),
            Column("starts", BigInteger, nullable=False),
            Column("ends", BigInteger, nullable=False),
        )  # fmt: skip
        Index(f"{name}_holder", table.c.holder)
        Index(f"{name}_member", table.c.member)
    # Who must have signed and who has (JSON), and whether that makes the agreement active.
    metadata.tables["agreement"].append_column(Column("parties", Text, nullable=False, server_default="[]"))
    metadata.tables["agreement"].append_column(Column("signed", Integer, nullable=False, server_default="0"))
    # The purposes and types of data it is limited to (tandem.identity.agreement_terms); empty when it is not.
    metadata.tables["agreement"].append_column(Column("terms", Text, nullable=False, server_default=""))
    # A part in a patient's care; or, of no patient, for which organisation a PractitionerRole stands
    # (tandem.identity.employers).
    part = Table(
        "part", metadata,
        Column("source", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("organisation_reference", Text, primary_key=True),
        # The organisation that gave the part: one that an organisation gave itself opens nothing.
        Column("giver", Text, primary_key=True),
        Column("organisation", Text),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("part_patient", part.c.patient)
    Index("part_organisation", part.c.organisation)
    Table(
        "dissent", metadata,
        Column("source", Text, primary_key=True),
        # The organisation it is against; empty when it is against all sharing.
        Column("organisation_reference", Text, primary_key=True),
        Column("organisation", Text),
        Column("patient", Text, nullable=False, index=True),
    )  # fmt: skip
    access = Table(
        "access", metadata,
        Column("patient", Text, primary_key=True),
        Column("organisation", Text, primary_key=True),
        # registered, network or agreement, with the terms behind it; one row for each span of time in which it holds.
        Column("reason", Text, primary_key=True),
        Column("starts", BigInteger, primary_key=True, autoincrement=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    Index("access_organisation", access.c.organisation, access.c.patient)


def _subscriptions(metadata: MetaData) -> None:
    # Beside each Subscription: on whose behalf it is served, and how far.
    subscription = Table(
        "subscription", metadata,
        Column("id", Text, primary_key=True),
        # Who is told, with the purpose of use of the token that asked: what they may see is what they are told.
        Column("organisation", Text, nullable=False),
        Column("client", Text),
        Column("purpose", Text),
        # Signs what is sent; given out once and never read back.
        Column("secret", Text, nullable=False),
        # As Subscription.status, the watched type of its criteria, and Subscription.end by the domain clock.
        Column("state", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("ends", BigInteger),
        # Everything in the service's log up to here was told, or was not for this organisation.
        Column("position", BigInteger, nullable=False),
        # Attempts that have failed at the next notification, and the real time of the next one.
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("next_at", BigInteger, nullable=False, server_default="0"),
    )  # fmt: skip
    Index("subscription_organisation", subscription.c.organisation)
    Index("subscription_state", subscription.c.state)


def _shared_with(metadata: MetaData) -> None:
    # Organisations (codes) that take part in an Appointment or Schedule, and so read it without having made it.
    shared = Table(
        "shared_with", metadata,
        Column("type", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        Column("organisation", Text, primary_key=True),
    )  # fmt: skip
    Index("shared_with_organisation", shared.c.organisation, shared.c.type)


def _carers(metadata: MetaData) -> None:
    # To whom a RelatedPerson is related (tandem.identity.carers), while they are.
    Table(
        "related_person", metadata,
        Column("id", Text, primary_key=True),
        Column("patient", Text, nullable=False),
        Column("starts", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
    )  # fmt: skip
    # What the Consents of a person say of a RelatedPerson's part: permits is 1, or 0 when it closes it.
    consent = Table(
        "carer_consent", metadata,
        Column("source", Text, primary_key=True),
        Column("related_person", Text, primary_key=True),
        Column("patient", Text, primary_key=True),
        Column("permits", Integer, primary_key=True, autoincrement=False),
        Column("starts", BigInteger, primary_key=True, autoincrement=False),
        Column("ends", BigInteger, primary_key=True, autoincrement=False),
        # Purposes and types that it is limited to, as the reason of `access` has them.
        Column("terms", Text, primary_key=True),
    )  # fmt: skip
    Index("carer_consent_related_person", consent.c.related_person, consent.c.patient)


def _erasures(metadata: MetaData) -> None:
    # Who was erased here, known by a digest of Patient.id alone: what comes late for them is dropped.
    Table(
        "erasure", metadata,
        Column("digest", Text, primary_key=True),
        Column("at", BigInteger, nullable=False),
        # How many rows went or were emptied, by table, as JSON.
        Column("removed", Text, nullable=False),
    )  # fmt: skip
