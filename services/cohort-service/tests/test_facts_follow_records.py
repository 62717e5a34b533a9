"""Whatever happens to records, and however it reaches the follower: the facts are those of the records as they end."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_service.domain.facts.care_home_stays import stay_facts
from cohort_service.domain.facts.extract import OWN_TYPES, facts_of, person_of
from cohort_service.domain.facts.medications import facts_of_order, referring_order
from cohort_service.domain.facts.person import Person
from cohort_service.domain.residency_codes import residency_codes
from cohort_service.domain.residency_statements import statement_of
from cohort_service.facts.backlog import StaleOrdersAndPeople
from cohort_service.facts.foreign_records import take_foreign_record
from cohort_service.facts.record_follower import RECORD_FOLLOWER, follow_records
from cohort_service.facts.stale_people import StalePeople
from cohort_service.service import service
from tandem.canonical import DMD, SNOMED_CT
from tandem.fhir.body import Resource
from tandem.fhir.compartments import patient_named
from tandem.record_facts.days import day_of
from tandem.service import Changed
from tandem_tests.small_work import SmallWork, written_event

PATIENTS = ("p1", "p2")
NURSING_HOME, OWN_HOME, HBA1C, DIABETES = "160734000", "160943002", "43396009", "44054006"
TABLES = (
    "fact", "medicine", "record", "person", "residency_statement", "stale_person", "stale_order", "referring_order",
    "resource", "log", "group_member",
)  # fmt: skip

days = st.integers(1, 8).map(lambda day: f"2020-06-{day:02d}")


def concept(code: str, system: str = SNOMED_CT) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def record(kind: str, identity: str, patient: str, **content: Any) -> Resource:
    about = "patient" if kind == "EpisodeOfCare" else "subject"
    return {
        "resourceType": kind, "id": identity, about: {"reference": f"Patient/{patient}"},
        **{name: value for name, value in content.items() if value is not None},
    }  # fmt: skip


identities = st.sampled_from(["a", "b", "c"])
patients = st.sampled_from(PATIENTS)
observations = st.builds(
    lambda identity, patient, code, status, day, value: record(
        "Observation", identity, patient, code=concept(code), status=status, effectiveDateTime=day,
        valueQuantity=value and {"value": value},
    ),
    identities, patients, st.sampled_from([NURSING_HOME, OWN_HOME, HBA1C]),
    st.sampled_from(["final", "amended", "entered-in-error"]), st.none() | days, st.none() | st.integers(40, 90),
)  # fmt: skip
conditions = st.builds(
    lambda identity, patient, code, day, state: record(
        "Condition", identity, patient, code=concept(code), onsetDateTime=day,
        clinicalStatus={"coding": [{"code": state}]},
    ),
    identities, patients, st.sampled_from([DIABETES, NURSING_HOME]), st.none() | days,
    st.sampled_from(["active", "resolved"]),
)  # fmt: skip
episodes = st.builds(
    lambda identity, patient, start, end: record(
        "EpisodeOfCare", identity, patient, status="finished" if end else "active", type=[concept("248171000000108")],
        period={"start": start, **({"end": end} if end else {})},
    ),
    identities, patients, days, st.none() | days,
)  # fmt: skip
medicines = st.just({"medicationCodeableConcept": concept("39720311000001101", DMD)}) | st.sampled_from(
    [{"medicationReference": {"reference": f"Medication/{identity}"}} for identity in ("m1", "m2", "m1/_history/1")]
)
requests = st.builds(
    lambda identity, patient, day, status, medicine: record(
        "MedicationRequest", identity, patient, status=status, intent="order", authoredOn=day, **medicine
    ),
    identities, patients, days, st.sampled_from(["active", "cancelled"]), medicines,
)  # fmt: skip
medications = st.builds(
    lambda identity, codes, status: {
        "resourceType": "Medication", "id": identity, "status": status,
        "code": {"coding": [{"system": DMD, "code": code} for code in codes]},
    },
    st.sampled_from(["m1", "m2"]), st.lists(st.sampled_from(["1", "2", "3"]), max_size=3),
    st.sampled_from(["active", "inactive", "entered-in-error"]),
)  # fmt: skip
people = st.builds(
    lambda identity, birth, died, active: {
        "resourceType": "Patient", "id": identity, "gender": "female", "birthDate": birth, "active": active,
        **({"deceasedDateTime": died} if died else {}),
    },
    patients, st.sampled_from(["1940", "1950-02"]), st.none() | days, st.booleans(),
)  # fmt: skip
statements = st.builds(
    lambda identity, patient, day, status, medicine: record(
        "MedicationStatement", identity, patient, status=status, effectiveDateTime=day, **medicine
    ),
    identities, patients, days, st.sampled_from(["active", "entered-in-error"]), medicines,
)  # fmt: skip
written = observations | conditions | episodes | requests | people | medications
steps = st.lists(
    st.tuples(st.just("write"), written)
    | st.tuples(st.just("delete"), written)
    | st.tuples(st.just("foreign"), statements)
    | st.tuples(st.just("follow"), st.integers(1, 5))
    | st.tuples(st.just("again"), st.integers(0, 30))
    | st.tuples(st.just("backlog"), st.integers(1, 3)),
    max_size=40,
)
orders_and_medications = st.lists(
    st.tuples(st.just("write"), requests | medications)
    | st.tuples(st.just("delete"), requests | medications)
    | st.tuples(st.just("foreign"), statements)
    | st.tuples(st.just("follow"), st.integers(1, 5))
    | st.tuples(st.just("again"), st.integers(0, 30))
    | st.tuples(st.just("backlog"), st.integers(1, 3)),
    max_size=40,
)


async def play(work: SmallWork, history: list[tuple[str, Any]]) -> dict[str, Resource]:
    """Let it happen; the follower is given the log in batches, and some of it again. Answers the foreign records."""
    foreign: dict[str, Resource] = {}
    log: list[Any] = []
    taken = 0
    for what, given_ in history:
        if what == "write":
            await work.put(given_)
        elif what == "delete":
            await work.delete(given_["resourceType"], given_["id"])
        elif what == "foreign":
            foreign[f"{given_['resourceType']}/{given_['id']}"] = given_
            patient = given_["subject"]["reference"].removeprefix("Patient/")
            await take_foreign_record(written_event(given_, patient), work)
        elif what == "follow":
            batch = log[taken : taken + given_]
            taken += len(batch)
            await follow_records(list(dict.fromkeys(batch)), work)
        elif what == "backlog":
            await take_backlog(work, given_)
        elif log:
            await follow_records([log[given_ % len(log)]], work)
        log += work.changed
        work.changed.clear()
    await follow_records(list(dict.fromkeys(log[taken:])), work)
    while await take_backlog(work, 2):
        pass
    return foreign


async def take_backlog(work: SmallWork, limit: int) -> bool:
    """As the follower does; says whether anything waited."""
    backlog = StaleOrdersAndPeople()
    waiting = await backlog.waiting(work.connection, limit)
    assert len(waiting) <= limit
    if waiting:
        await backlog.take(work.connection, waiting)
        await follow_records(waiting, work)
    return bool(waiting)


async def kept(work: SmallWork) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for table, value in (("fact", "f.value"), ("medicine", "'medicine'")):
        rows = await work.connection.fetch(
            f"SELECT p.patient, r.reference, c.system, c.code, f.starts, f.ends, {value} AS value FROM {table} f"
            " JOIN record r ON r.number = f.record AND r.person = f.person JOIN person p ON p.number = f.person"
            " JOIN concept c ON c.number = f.concept"
        )
        found += [tuple(row) for row in rows]
        assert len(rows) == await work.connection.fetchval(f"SELECT COUNT(*) FROM {table}")
    return sorted(found, key=repr)


def expected(resources: dict[str, Resource]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    said: dict[str, list[Any]] = {patient: [] for patient in PATIENTS}
    for reference, resource in resources.items():
        named = patient_named(resource, "https://tandem.example/fhir")
        patient = resource["id"] if resource["resourceType"] == "Patient" else named.id if named else None
        statement = statement_of(resource, residency_codes())
        if patient is not None and statement is not None:
            said[patient].append(statement)
        order = referring_order(resource)
        facts = facts_of_order(order, resources.get(f"Medication/{order.medication}")) if order else facts_of(resource)
        found += [
            (patient, reference, fact.system, fact.code, fact.starts, fact.ends,
             "medicine" if fact.medicine else fact.value)
            for fact in facts
        ]  # fmt: skip
    for patient, words in said.items():
        found += [
            (patient, reference, fact.system, fact.code, fact.starts, fact.ends, None)
            for reference, fact in stay_facts(words)
        ]
    return sorted(found, key=repr)


async def clear(work: SmallWork) -> None:
    for table in TABLES:
        await work.connection.execute(f"DELETE FROM {table}")
    work.resources.clear()
    work.changed.clear()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_facts_are_those_of_the_records_as_they_end(work: SmallWork, history: list[tuple[str, Any]]) -> None:
    await clear(work)
    foreign = await play(work, history)
    assert await kept(work) == expected(work.resources | foreign)

    held = {row["patient"]: row for row in await work.connection.fetch("SELECT * FROM person")}
    for patient in PATIENTS:
        if f"Patient/{patient}" in work.resources:
            now = person_of(work.resources[f"Patient/{patient}"])
            row = held[patient]
            assert Person(row["born"], row["sex"], row["died"], row["left_on"]) == now
    assert {reference for reference in work.resources if not reference.startswith(("Patient/", "Medication/"))} <= {
        row["reference"] for row in await work.connection.fetch("SELECT reference FROM record")
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders_and_medications)
async def test_medicines_are_those_of_the_medications_as_they_end(
    work: SmallWork, history: list[tuple[str, Any]]
) -> None:
    await clear(work)
    foreign = await play(work, history)
    assert await kept(work) == expected(work.resources | foreign)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_facts_written_again_from_the_beginning_are_the_same(
    work: SmallWork, history: list[tuple[str, Any]]
) -> None:
    await clear(work)
    await play(work, history)
    before = await kept(work)
    numbers = await work.connection.fetch("SELECT number, reference FROM record ORDER BY number")
    log = await work.connection.fetch("SELECT type, resource_id, patient FROM log ORDER BY id")
    for row in log:
        await follow_records([change_of(row)], work)
    while await take_backlog(work, 5):
        pass
    assert await kept(work) == before
    again = await work.connection.fetch("SELECT number, reference FROM record ORDER BY number")
    assert [tuple(row) for row in again] == [tuple(row) for row in numbers]


def change_of(row: Any) -> Changed:
    return Changed(row["type"], row["resource_id"], row["patient"])


async def test_a_deleted_patient_is_off_from_that_day(work: SmallWork) -> None:
    await work.put({"resourceType": "Patient", "id": "p1", "birthDate": "1940"})
    await work.follow()
    await work.delete("Patient", "p1")
    await work.follow()
    row = await work.connection.fetchrow("SELECT * FROM person")
    assert row is not None
    assert (row["born"], row["left_on"]) == (None, day_of("2020-07-01"))


async def test_facts_make_the_person_that_is_not_known_yet(work: SmallWork) -> None:
    await work.put(record("Condition", "a", "p1", code=concept(DIABETES)))
    await work.follow()
    assert await work.connection.fetchval("SELECT patient FROM person") == "p1"


async def test_a_record_about_nobody_gives_no_facts(work: SmallWork) -> None:
    await work.put({"resourceType": "Observation", "id": "a", "status": "final", "code": concept(HBA1C)})
    await work.follow()
    assert await work.connection.fetchval("SELECT COUNT(*) FROM record") == 0


async def test_a_foreign_record_marks_whom_it_touches_and_no_other(work: SmallWork) -> None:
    statement = record(
        "MedicationStatement", "a", "p1", status="active", medicationCodeableConcept=concept("1", DMD),
        effectiveDateTime="2020-06-01",
    )  # fmt: skip
    await take_foreign_record(written_event(statement, "p1"), work)
    await take_foreign_record(written_event({**statement, "id": "b", "status": "unknown"}, "p2"), work)
    number = await work.connection.fetchval("SELECT number FROM person WHERE patient = 'p1'")
    assert [each.id for each in await StalePeople().waiting(work.connection, 10)] == [str(number)]
    await work.follow()
    assert await StalePeople().waiting(work.connection, 10) == []


async def test_a_medication_that_comes_late_is_written_for_every_order_of_it_in_batches(work: SmallWork) -> None:
    orders = 1_200
    for number in range(orders):
        await work.put(
            record("MedicationRequest", f"o{number}", f"p{number % 7}", status="active", intent="order",
                   medicationReference={"reference": "Medication/m1"})
        )  # fmt: skip
    await work.follow()
    await work.put({"resourceType": "Medication", "id": "m1", "code": concept("39720311000001101", DMD)})
    await follow_records([Changed("Medication", "m1")], work)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM medicine") == 0
    batches = 0
    while await take_backlog(work, 500):
        batches += 1
    assert (batches, await work.connection.fetchval("SELECT COUNT(*) FROM medicine")) == (3, orders)


async def test_a_mark_left_behind_by_an_order_that_names_its_medicine_now_takes_nothing_away(work: SmallWork) -> None:
    statement = record(
        "MedicationStatement", "a", "p1", status="active", medicationReference={"reference": "Medication/m1"}
    )
    await take_foreign_record(written_event(statement, "p1"), work)
    named = record("MedicationStatement", "a", "p1", status="active", medicationCodeableConcept=concept("1", DMD))
    await take_foreign_record(written_event(named, "p1", version=2), work)
    await work.follow()
    assert await work.connection.fetchval("SELECT COUNT(*) FROM medicine") == 1


def test_the_follower_follows_people_homes_and_every_own_type() -> None:
    others = ("fhir.Patient.*", "fhir.Medication.*", "fhir.Organization.*")
    assert RECORD_FOLLOWER.kinds == (*others, *(f"fhir.{name}.*" for name in OWN_TYPES))


def test_records_that_are_only_followed_need_no_transaction_for_it() -> None:
    reacting = {each.name for each in service.types if each.reactions}
    assert not {"Observation", "Condition", "MedicationRequest", "Encounter", "Procedure"} & reacting
