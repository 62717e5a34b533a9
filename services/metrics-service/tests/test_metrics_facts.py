"""Facts: whatever the order and repetition of events, the rows are those of folding each thing's versions in order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics_service.domain.london_days import day_after_end, first_day, last_day, written
from metrics_service.domain.shared_care_facts import said_by

TYPES = {
    "CarePlan": ("draft", "active", "completed", "revoked", "entered-in-error"),
    "Task": ("requested", "completed", "entered-in-error"),
    "ServiceRequest": ("draft", "active", "completed", "revoked"),
    "MedicationStatement": ("active", "stopped"),
}


@st.composite
def histories(draw):
    """Versions of some resources and stays, in order of version, each with what its event is made of."""
    made = []
    for name, statuses in TYPES.items():
        for identity in "ab":
            for version in range(1, draw(st.integers(1, 4)) + 1):
                content = {"status": draw(st.sampled_from(statuses))}
                if draw(st.booleans()):
                    element = "created" if name == "CarePlan" else "authoredOn"
                    content[element] = f"2020-06-{draw(st.integers(1, 30)):02}"
                made.append((name, identity, version, draw(st.booleans()), draw(st.sampled_from(["p", "q"])), content))
    for revision in range(1, draw(st.integers(1, 3)) + 1):
        made.append(("entered", "stay", revision, False, "p", {"since": f"2020-05-{draw(st.integers(1, 28)):02}"}))
    if draw(st.booleans()):
        made.append(("left", "stay", 4, False, "p", {"until": "2020-06-15"}))
    for revision in range(1, draw(st.integers(1, 3)) + 1):
        made.append(("started", "stay", revision, False, "p", {"due": f"2020-05-{draw(st.integers(10, 28)):02}"}))
    if draw(st.booleans()):
        made.append(("stopped", "stay", 4, False, "p", {"due": "2020-05-09", "stopped": "2020-05-08T10:00:00Z"}))
    order = draw(st.permutations(made + draw(st.lists(st.sampled_from(made), max_size=10))))
    return made, order


def event_of(events, entry):
    name, identity, version, flag, patient, content = entry
    time = f"2020-07-{version + 1:02}T10:00:00+00:00"
    if name in ("started", "stopped"):
        data = {"kind": "agreed-within-seven-days", "cause": identity, "revision": version, **content}
        return events.fact(f"tandem.clock.{name}", time, patient, **data)
    if name in ("entered", "left"):
        data = {"cohort": "care-home-residents", "residency": identity, "revision": version, **content}
        return events.fact(f"tandem.cohort.{name}", time, patient, **data)
    if name == "CarePlan":
        return events.plan(identity, version, time, patient, shared=flag, **content)
    return events.resource(name, identity, version, time, patient, deleted=flag and version > 1, **content)


def folded(said):
    """The plain fold: versions in order, the newest says what it is, the first day stays."""
    rows = {}
    for each in sorted(said, key=lambda one: one.version):
        row = rows.setdefault((each.kind, each.id), {"agreed_on": None, "closed_on": None, "seen_on": each.seen_on})
        for name in ("version", "patient", "status", "category", "opened_on", "ended_on"):
            row[name] = getattr(each, name)
        row["deleted"] = int(each.deleted)
        for name in ("agreed_on", "closed_on"):
            row[name] = min((day for day in (row[name], getattr(each, name)) if day is not None), default=None)
    return rows


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
async def test_any_order_and_repetition_ends_in_the_same_facts(metrics, events, drawn):
    made, order = drawn
    await metrics.execute("DELETE FROM fact")
    by_entry = {id(entry): event_of(events, entry) for entry in made}
    await metrics.take(*(by_entry[id(entry)] for entry in order))
    held = {
        (row["kind"], row["id"]): {name: row[name] for name in row if name not in ("kind", "id", "source", "position")}
        for row in await metrics.rows("SELECT * FROM fact")
    }
    assert held == folded([said_by(event) for event in by_entry.values()])


async def test_the_row_says_on_which_event_it_stands(metrics, events):
    first, second = (
        events.resource("Task", "t", version, "2020-07-01T10:00:00+00:00", "p", status="requested")
        for version in (1, 2)
    )
    await metrics.take(second, first)
    rows = await metrics.rows("SELECT kind, id, version, patient, source, position FROM fact")
    assert rows == [{
        "kind": "action", "id": "t", "version": 2, "patient": "p", "source": "careplan-service",
        "position": second.position,
    }]  # fmt: skip


def test_a_stranger_moves_no_figure_but_a_deletion_counts(events):
    stranger = events.resource("Task", "t", 1, "2020-07-01T10:00:00+00:00", "p", granted=False, status="completed")
    assert said_by(stranger) is None
    gone = events.resource("Task", "t", 2, "2020-07-01T10:00:00+00:00", "p", granted=False, deleted=True)
    assert said_by(gone).deleted


def test_an_event_that_is_not_counted_says_nothing(events):
    assert said_by(events.resource("Patient", "p", 1, "2020-07-01T10:00:00+00:00", "p")) is None
    assert said_by(events.fact("tandem.medicines.changed", "2020-07-01T10:00:00+00:00", "p")) is None
    other = {"kind": "community-input-within-seven-working-days"}
    assert said_by(events.fact("tandem.clock.started", "2020-07-01T10:00:00+00:00", "p", **other)) is None
    urgent = {"kind": "two-hour-response", "cause": "ServiceRequest/1", "request": "ServiceRequest/1", "revision": 1,
              "due": "2020-10-07T10:00:00.000Z"}  # fmt: skip
    assert said_by(events.fact("tandem.clock.breached", "2020-10-07T10:00:00+00:00", "p", **urgent)) is None


@pytest.mark.parametrize(("text", "first", "last", "over"), [
    ("2020", "2020-01-01", "2020-12-31", "2021-01-01"),
    ("2020-02", "2020-02-01", "2020-02-29", "2020-03-01"),
    ("2020-07-01", "2020-07-01", "2020-07-01", "2020-07-02"),
    ("2020-07-01T23:30:00Z", "2020-07-02", "2020-07-02", "2020-07-02"),
    ("2020-12-01T23:30:00Z", "2020-12-01", "2020-12-01", "2020-12-01"),
])  # fmt: skip
def test_the_london_days_of_a_date(text, first, last, over):
    assert (written(first_day(text)), written(last_day(text)), written(day_after_end(text))) == (first, last, over)


def test_the_end_of_time_is_a_day_too():
    assert day_after_end("9999-12-31") == last_day("9999") + 1
