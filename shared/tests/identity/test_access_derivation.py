"""Whatever the order in which the feeds arrive, the access table says what the facts say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, AGREEMENT_TERMS, ODS_CODE, ORGANISATION_TYPE
from tandem.database.connection import Connection, open_database
from tandem.identity.projection import project

DAY = 86_400_000_000
# Organization id -> (code, kind), named by its id or by its code. The codes of n2 and f1 look like something else.
ORGANISATIONS = {
    "p1": ("A81001", "practice"), "p2": ("A81002", "practice"), "n1": ("U10001", "network"),
    "n2": ("NETW", "network"), "v1": ("RX1", "community-provider"), "v2": ("RX2", "voluntary"),
    "c1": ("QXX", "commissioner"), "f1": ("U10009", "community-provider"),
}  # fmt: skip
CODE = {name: code for name, (code, _) in ORGANISATIONS.items()}
TABLES = ("organisation", "patient", "membership", "agreement", "part", "dissent", "access")
FOREVER, BEGINNING = 253_402_300_800_000_000, 0


def day(number: int) -> str:
    return f"2020-01-{number:02d}T00:00:00Z"


def micros(number: int) -> int:
    return 1_577_836_800_000_000 + (number - 1) * DAY


@dataclass(frozen=True)
class Naming:
    """An organisation, and whether it is named by its Organization's id or by its code."""

    name: str
    by_id: bool

    def reference(self) -> dict[str, Any]:
        if self.by_id:
            return {"reference": f"Organization/{self.name}"}
        return {"identifier": {"system": ODS_CODE, "value": CODE[self.name]}}

    def code(self, held: frozenset[str]) -> str | None:
        return CODE[self.name] if not self.by_id or self.name in held else None


@dataclass(frozen=True)
class Person:
    name: str
    practice: Naming

    def resource(self) -> dict[str, Any]:
        return {"resourceType": "Patient", "id": self.name, "generalPractitioner": [self.practice.reference()]}


@dataclass(frozen=True)
class Affiliation:
    name: str
    role: str
    holder: Naming
    member: Naming
    signers: tuple[Naming, ...]
    span: tuple[int, int] | None
    purpose: str | None = None

    def resource(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "resourceType": "OrganizationAffiliation", "id": self.name,
            "organization": self.holder.reference(), "participatingOrganization": self.member.reference(),
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": self.role}]}],
            "extension": [{"url": AGREEMENT_SIGNATURE, "extension": [
                {"url": "party", "valueReference": signer.reference()}, {"url": "signed", "valueDateTime": "2020"},
            ]} for signer in self.signers],
        }  # fmt: skip
        if self.purpose:
            terms = [{"url": "purpose", "valueCode": self.purpose}]
            body["extension"].append({"url": AGREEMENT_TERMS, "extension": terms})
        if self.span:
            # A FHIR period includes its end: the end is named to the millisecond before.
            end = f"2020-01-{self.span[1] - 1:02d}T23:59:59.999Z"
            body["period"] = {"start": day(self.span[0]), "end": end}
        return body

    def reason(self) -> str:
        return f"agreement|purpose={self.purpose}|data=*|" if self.purpose else "agreement"

    def bounds(self) -> tuple[int, int]:
        return (micros(self.span[0]), micros(self.span[1])) if self.span else (BEGINNING, FOREVER)

    def signed(self, held: frozenset[str]) -> bool:
        def said(naming: Naming) -> str:
            return naming.code(held) or f"Organization/{naming.name}"

        signed = {said(signer) for signer in self.signers}
        return said(self.holder) in signed and said(self.member) in signed


@dataclass(frozen=True)
class Version:
    author: str
    granted: bool
    status: str
    owner: Naming | None
    at: int


@dataclass(frozen=True)
class Work:
    name: str
    patient: str
    versions: tuple[Version, ...]

    def resource(self, version: Version) -> dict[str, Any]:
        body: dict[str, Any] = {"resourceType": "Task", "id": self.name, "status": version.status,
                                "for": {"reference": f"Patient/{self.patient}"},
                                "meta": {"lastUpdated": day(version.at)}}  # fmt: skip
        return body | ({"owner": version.owner.reference()} if version.owner else {})


@dataclass(frozen=True)
class Refusal:
    name: str
    patient: str
    actor: Naming | None
    active: bool

    def resource(self) -> dict[str, Any]:
        provision: dict[str, Any] = {"type": "deny"}
        if self.actor:
            provision["actor"] = [{"reference": self.actor.reference()}]
        return {"resourceType": "Consent", "id": self.name, "status": "active" if self.active else "inactive",
                "patient": {"reference": f"Patient/{self.patient}"}, "provision": provision,
                "scope": {"coding": [{"code": "patient-privacy"}]}}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """Everything there is to know; no two facts share an id."""

    held: frozenset[str]
    people: tuple[Person, ...]
    affiliations: tuple[Affiliation, ...]
    work: tuple[Work, ...]
    refusals: tuple[Refusal, ...]


def naming(*names: str) -> st.SearchStrategy[Naming]:
    return st.builds(Naming, st.sampled_from(names), st.booleans())


SPAN = st.none() | st.tuples(st.integers(1, 10), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
# Few organisations, named often: agreements and parts that never meet would test nothing.
PRACTICE = naming("p1", "p1", "p1", "p2")
HOLDER = naming("p1", "p1", "n1", "n1", "n2")
MEMBER = naming("v1", "v1", "v1", "v2", "c1", "p2")
PATIENT = st.sampled_from(["x1", "x1", "x2"])


@st.composite
def memberships(draw: st.DrawFn) -> Affiliation:
    holder = draw(naming("n1", "n1", "n1", "n2", "c1", "f1"))
    return Affiliation("", "member", holder, draw(PRACTICE), (), draw(SPAN))


@st.composite
def agreements(draw: st.DrawFn) -> Affiliation:
    holder, member = draw(HOLDER), draw(MEMBER)
    # Now and then a party signs under its other name, or not at all.
    signers = [Naming(party.name, draw(st.booleans())) if draw(st.booleans()) else party for party in (holder, member)]
    count = draw(st.sampled_from([2, 2, 2, 2, 1]))
    purpose = draw(st.sampled_from([None, None, "TREAT", "HRESCH"]))
    return Affiliation("", "sharing-agreement", holder, member, tuple(signers[:count]), draw(SPAN), purpose)


VERSION = st.builds(
    Version, st.sampled_from(["A81001", "A81001", "RX1", "RX2"]), st.sampled_from([True, True, True, False]),
    st.sampled_from(["requested", "requested", "in-progress", "completed", "cancelled", "draft"]),
    st.none() | MEMBER | naming("v1"), st.integers(1, 20),
)  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """A practice in a network, an agreement and a part that open a record between them, and what may change that."""
    holder, member = draw(naming("p1", "n1", "n2")), draw(naming("v1", "v1", "c1"))
    signers = (draw(naming(holder.name)), draw(naming(member.name)))
    affiliations = [
        Affiliation("", "member", draw(naming("n1", "n2")), draw(naming("p1")), (), None),
        Affiliation("", "sharing-agreement", holder, member, signers, None),
        *draw(st.lists(memberships(), max_size=2)), *draw(st.lists(agreements(), max_size=2)),
    ]  # fmt: skip
    given = Version("A81001", True, "requested", Naming(member.name, draw(st.booleans())), 1)
    work = [("x1", [given, *draw(st.lists(VERSION, max_size=2))])]
    work += draw(st.lists(st.tuples(PATIENT, st.lists(VERSION, min_size=1, max_size=3)), max_size=2))
    refusals = draw(st.lists(st.tuples(PATIENT, st.none() | naming("v1", "v2"), st.booleans()), max_size=1))
    missing = draw(st.sets(st.sampled_from(sorted(ORGANISATIONS)), max_size=1))
    return Facts(
        frozenset(ORGANISATIONS) - missing,
        (Person("x1", draw(naming("p1"))), Person("x2", draw(PRACTICE))),
        tuple(replace(one, name=f"a{number}") for number, one in enumerate(affiliations)),
        tuple(Work(f"t{number}", patient, tuple(versions)) for number, (patient, versions) in enumerate(work)),
        tuple(Refusal(f"k{number}", *rest) for number, rest in enumerate(refusals)),
    )


# --- what must hold, moment by moment, in plain Python ---------------------------------------------------------------

Spans = list[tuple[int, int]]


def is_network(code: str, held: frozenset[str]) -> bool:
    known = [ORGANISATIONS[name][1] for name in held if CODE[name] == code]
    return "network" in known if known else code.startswith("U")


def networks_at(practice: str, moment: int, known: Facts) -> set[str]:
    return {
        holder for one in known.affiliations
        if one.role == "member" and one.member.code(known.held) == practice and (holder := one.holder.code(known.held))
        and one.bounds()[0] <= moment < one.bounds()[1] and is_network(holder, known.held)
    }  # fmt: skip


def reach(version: Version) -> int:
    if version.status == "completed":
        return micros(version.at) + 90 * DAY
    if version.status == "cancelled":
        return micros(version.at)
    return BEGINNING if version.status == "draft" else FOREVER


def part_at(work: Work, code: str, moment: int, held: frozenset[str]) -> bool:
    """Whether some version that another gave the part by, and every version since, reaches to this moment."""
    counted = [version for version in work.versions if version.granted]
    for place, version in enumerate(counted):
        later = counted[place:]
        naming = version.owner
        if naming is None or naming.code(held) != code or version.author == code:
            continue
        if any(other.author == version.author for other in later[1:]):
            continue
        same = all(
            other.owner is not None and naming_text(other.owner) == naming_text(naming) for other in later
        )
        if same and all(moment < reach(other) for other in later):
            return True
    return False


def naming_text(naming: Naming) -> str:
    return f"Organization/{naming.name}" if naming.by_id else CODE[naming.name]


def agreed_at(person: Person, code: str, moment: int, known: Facts) -> set[str]:
    """The reasons for access by agreement: one for each of the terms under which it is shared."""
    held = known.held
    practice = person.practice.code(held)
    assert practice is not None
    if "c1" in held and code == CODE["c1"]:
        return set()
    for refusal in known.refusals:
        if refusal.active and refusal.patient == person.name and (
            refusal.actor is None or refusal.actor.code(held) == code
        ):
            return set()
    holders = {practice} | networks_at(practice, moment, known)
    agreed = {
        one.reason() for one in known.affiliations
        if one.role == "sharing-agreement" and one.signed(held) and one.member.code(held) == code
        and one.holder.code(held) in holders and one.bounds()[0] <= moment < one.bounds()[1]
    }  # fmt: skip
    cared_for = any(part_at(work, code, moment, held) for work in known.work if work.patient == person.name)
    return agreed if cared_for else set()


def expected(known: Facts, moment: int) -> set[tuple[str, str, str]]:
    found = set()
    for person in known.people:
        practice = person.practice.code(known.held)
        if practice is None:
            continue
        found.add((person.name, practice, "registered"))
        found |= {(person.name, network, "network") for network in networks_at(practice, moment, known)}
        found |= {
            (person.name, code, reason) for code in CODE.values() for reason in agreed_at(person, code, moment, known)
        }  # fmt: skip
    return found


def moments(known: Facts) -> list[int]:
    edges = {BEGINNING, micros(15), FOREVER - 1}
    for affiliation in known.affiliations:
        edges |= set(affiliation.bounds())
    for work in known.work:
        edges |= {reach(version) for version in work.versions}
    return sorted(moment for edge in edges for moment in (edge - 1, edge) if BEGINNING <= moment < FOREVER)


# --- the feeds --------------------------------------------------------------------------------------------------------

Step = tuple[str, str, dict[str, Any] | None, str, bool]


def organization(name: str) -> dict[str, Any]:
    code, kind = ORGANISATIONS[name]
    return {"resourceType": "Organization", "id": name, "identifier": [{"system": ODS_CODE, "value": code}],
            "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}]}  # fmt: skip


def feeds(known: Facts) -> list[list[Step]]:
    """One list of versions for each resource; within a list the order is kept."""
    found: list[list[Step]] = []
    for name in sorted(known.held):
        found.append([("Organization", name, organization(name), "", True)])
    for person in known.people:
        found.append([("Patient", person.name, person.resource(), "", True)])
    for affiliation in known.affiliations:
        found.append([("OrganizationAffiliation", affiliation.name, affiliation.resource(), "", True)])
    for refusal in known.refusals:
        found.append([("Consent", refusal.name, refusal.resource(), "", True)])
    for work in known.work:
        found.append([
            ("Task", work.name, work.resource(version), version.author, version.granted) for version in work.versions
        ])
    return found


def ghosts(known: Facts) -> list[list[Step]]:
    """Resources that came and went: an Organization that is not held any more, an affiliation and a Consent."""
    found: list[list[Step]] = []
    for name in sorted(set(ORGANISATIONS) - known.held):
        found.append([("Organization", name, organization(name), "", True), ("Organization", name, None, "", True)])
    return found


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[Facts, list[Step]]:
    """The facts, and their feeds in some order: with earlier versions that said otherwise, resources that came and
    went, deletions taken back, repetitions, and one feed that is late."""
    known, other = draw(facts()), draw(facts())
    chance = draw(st.randoms(use_true_random=False))
    waiting, earlier = feeds(known), {(feed[0][0], feed[0][1]): feed[0] for feed in feeds(other)}
    for feed in waiting:
        kind, name = feed[0][:2]
        before = earlier.pop((kind, name), None)
        if kind != "Task" and before is not None and chance.random() < 0.3:
            feed.insert(0, before)
        if kind != "Task" and chance.random() < 0.2:
            feed.insert(len(feed) - 1, (kind, name, None, "", True))
    gone = [step for (kind, _), step in earlier.items() if kind not in ("Organization", "Patient")]
    waiting += [[step, (*step[:2], None, *step[3:])] for step in gone if step[4]] + ghosts(known)
    late = waiting.pop(chance.randrange(len(waiting)))
    order: list[Step] = []
    while waiting:
        feed = waiting[chance.randrange(len(waiting))]
        order += [feed.pop(0)] * chance.choice((1, 1, 2))
        if not feed:
            waiting.remove(feed)
    return known, order + late


async def played(url: str, known: Facts, order: list[Step]) -> None:
    database = await open_database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            for table in TABLES:
                await connection.execute(f"DELETE FROM {table}")
            for kind, name, body, author, granted in order:
                await project(connection, kind, name, body, author=author, granted=granted)
        async with database.read() as connection:
            await check(connection, known)
    finally:
        await database.close()


async def check(connection: Connection, known: Facts) -> None:
    rows = await connection.fetch("SELECT * FROM access")
    for moment in moments(known):
        current = [row for row in rows if row["starts"] <= moment < row["ends"]]
        held = [(row["patient"], row["organisation"], row["reason"]) for row in current]
        assert len(held) == len(set(held))
        assert set(held) == expected(known, moment)
    spans = {(row["patient"], row["organisation"], row["reason"], row["starts"]) for row in rows}
    # Spans that touch are one span.
    assert not spans & {(row["patient"], row["organisation"], row["reason"], row["ends"]) for row in rows}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals())
def test_access_does_not_depend_on_the_order_of_arrival(tables_url: str, arrived: tuple[Facts, list[Step]]) -> None:
    known, order = arrived
    asyncio.run(played(tables_url, known, order))
