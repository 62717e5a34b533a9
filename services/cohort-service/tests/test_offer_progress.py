"""How far an offer has come: the rules, and the rows that follow Communications, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.catalogue.shipped import install
from cohort_service.domain.invitations.communication_needs import NEED_SYSTEM, communication_needs
from cohort_service.domain.invitations.letter_request import address_of
from cohort_service.domain.invitations.letters import CATEGORY_SYSTEM, INVITATION
from cohort_service.domain.invitations.progress import (
    Step,
    StepKind,
    faults_of_response,
    may_be_invited,
    progress_of,
)
from cohort_service.invitations.follow_letters import follow_letter
from cohort_service.invitations.step_rows import Author, keep_step, next_number, steps_of
from tandem.fhir.body import Resource
from tandem.fhir.human_name import name_in_use
from tandem_tests.small_work import SmallWork, written_event

NOW = datetime(2020, 7, 1, 9, tzinfo=UTC)
_DEFINITION = """
id: smr-x
version: "1"
title: X
description: X.
service: SMR
status: local
source: A test
members:
  age: {from: 1}
"""
DAY = 18_444
"""1 July 2020."""
STEPS = st.lists(st.tuples(st.sampled_from(get_args(StepKind)), st.integers(DAY - 3, DAY)), max_size=8).map(
    lambda drawn: [Step(str(place), kind, day, place) for place, (kind, day) in enumerate(drawn)]
)


@given(STEPS, st.randoms())
def test_where_an_offer_stands_does_not_depend_on_the_order_of_rows(steps: list[Step], random: Any) -> None:
    shuffled = list(steps)
    random.shuffle(shuffled)
    assert progress_of(shuffled) == progress_of(steps)


@given(STEPS)
def test_nobody_is_offered_anything_by_a_letter_that_was_not_sent(steps: list[Step]) -> None:
    unsent = [each for each in steps if each.kind in ("letter-requested", "withdrawn")]
    progress = progress_of(unsent)
    assert progress is None or (progress.status, progress.offered_day) == ("letter-requested", None)
    whole = progress_of(steps)
    if any(each.kind not in ("letter-requested", "withdrawn") for each in steps):
        assert whole is not None
        assert whole.status not in ("letter-requested", "not-offered")


@pytest.mark.parametrize(("kinds", "again", "may"), [
    ((), False, True), (("letter-requested",), True, False), (("withdrawn",), False, True),
    (("invited",), False, False), (("invited",), True, True), (("invited", "declined"), False, False),
    (("invited", "no-response", "letter-requested"), True, False), (("done",), True, True),
])  # fmt: skip
def test_who_may_be_written_to(kinds: tuple[StepKind, ...], again: bool, may: bool) -> None:
    steps = [Step(str(place), kind, DAY, place) for place, kind in enumerate(kinds)]
    assert (may_be_invited(steps, again=again) is None) is may


@pytest.mark.parametrize(("kind", "invited", "day", "refused"), [
    ("declined", None, DAY, True), ("done", None, DAY, False), ("accepted", DAY, DAY, False),
    ("accepted", DAY, DAY - 1, True), ("no-response", DAY - 5, DAY + 1, True), ("done", None, DAY + 1, True),
])  # fmt: skip
def test_an_answer_belongs_to_an_invitation_that_was_sent(
    kind: StepKind, invited: int | None, day: int, refused: bool
) -> None:
    steps = [Step("1", "invited", invited, 1)] if invited is not None else [Step("1", "letter-requested", DAY - 9, 1)]
    assert bool(faults_of_response(steps, kind, day, DAY)) is refused


def language(code: str, **more: Any) -> dict[str, Any]:
    return {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": code, "display": f"({code})"}]}, **more}


@pytest.mark.parametrize(("spoken", "expected"), [
    ([], None), ([language("pl")], "pl"), ([language("pl"), language("en-GB")], "en-GB"),
    ([language("en"), language("pl", preferred=True)], "pl"), ([{"language": {"text": "Polish"}}], None),
])  # fmt: skip
def test_the_language_somebody_can_be_written_to_in(spoken: list[dict[str, Any]], expected: str | None) -> None:
    assert communication_needs({"communication": spoken}, [], NOW).get("language") == expected


def flag(status: str = "active", **more: Any) -> Resource:
    return {"resourceType": "Flag", "status": status, "code": {"text": "Requires information in Easy read"}, **more}


def test_needs_come_from_flags_in_force_and_from_either_interpreter_extension() -> None:
    own = {"coding": [{"system": NEED_SYSTEM, "code": "large-print"}]}
    assert communication_needs({}, [flag(), flag(code=own)], NOW) == {"easyRead": True, "points": 20}
    ended, other = flag(period={"end": "2020-06-30"}), flag(code={"text": "Falls"})
    for over in (flag("inactive"), flag("entered-in-error"), ended, other):
        assert communication_needs({}, [over], NOW) == {}
    braille = flag(code={"text": "Requires information in Moon alphabet"})
    assert communication_needs({}, [braille], NOW) == {"other": ["Requires information in Moon alphabet"]}
    signing = flag(code={"text": "Requires British Sign Language interpreter"})
    assert communication_needs({}, [signing], NOW)["interpreter"] is True
    nested = {"url": "https://fhir.hl7.org.uk/StructureDefinition/x", "extension": [
        {"url": "interpreterRequired", "valueBoolean": True},
    ]}  # fmt: skip
    assert communication_needs({"communication": [{"extension": [nested]}]}, [], NOW) == {"interpreter": True}


def test_the_name_and_address_in_use_are_written_on_the_envelope() -> None:
    usual = {"use": "usual", "prefix": ["Ms"], "given": ["Ada", "A"], "family": "King"}
    assert name_in_use({"name": [{"use": "old", "text": "Ada Byron"}, usual]}) == "Ms Ada King"
    assert name_in_use({}) == ""
    addresses = [{"use": "old", "city": "York"}, {"line": ["1 Low Road"], "city": "Leeds", "postalCode": "LS1 1AA"}]
    assert address_of({"address": addresses}) == ["1 Low Road", "Leeds", "LS1 1AA"]
    assert address_of({"address": [{"text": "1 Low Road, Leeds"}]}) == ["1 Low Road, Leeds"]


def letter(status: str, **more: Any) -> Resource:
    return {
        "resourceType": "Communication", "id": "c", "status": status, "about": [{"reference": "Group/g"}],
        "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": INVITATION}]}], **more,
    }  # fmt: skip


async def standing(work: SmallWork) -> tuple[str, int | None] | None:
    row = await work.connection.fetchrow("SELECT status, offered_day FROM offer_progress WHERE patient = 'p'")
    return (row["status"], row["offered_day"]) if row is not None else None


@pytest.fixture
async def group(work: SmallWork) -> None:
    await work.connection.execute("INSERT INTO cohort_group (id, cohort, practice) VALUES ('g', 'smr-x', 'A00001')")
    await install(work, [], {"smr-x.yaml": _DEFINITION})


async def test_the_row_follows_its_communication_through_every_state(work: SmallWork, group: None) -> None:
    sent = letter("completed", sent="2020-06-30T23:30:00Z")
    for version, (state, expected) in enumerate([
        (letter("preparation"), ("letter-requested", None)), (letter("on-hold"), ("letter-requested", None)),
        (sent, ("invited", DAY)), (sent, ("invited", DAY)), (letter("entered-in-error"), None),
    ], start=1):  # fmt: skip
        await follow_letter(written_event(state, "p", version=version), work)
        assert await standing(work) == expected
    assert len(await steps_of(work.connection, "SMR", "p")) == 1


async def test_an_answer_stands_over_a_letter_and_a_second_letter_over_the_answer(work: SmallWork, group: None) -> None:
    sent = {"sent": "2020-07-01T08:00:00Z"}
    await follow_letter(written_event(letter("completed", **sent), "p"), work)
    steps = await steps_of(work.connection, "SMR", "p")
    answer = Step("a", "no-response", DAY, next_number(steps))
    await keep_step(work.connection, "SMR", "p", answer, Author("A00001", "A00001"), 1)
    assert await standing(work) == ("no-response", DAY)
    await follow_letter(written_event(letter("preparation", id="d"), "p"), work)
    assert await standing(work) == ("no-response", DAY), "a letter that was not sent changes nothing"
    await follow_letter(written_event(letter("completed", id="d", **sent), "p", version=2), work)
    assert await standing(work) == ("invited", DAY)


async def test_strangers_and_other_communications_change_no_offer(work: SmallWork, group: None) -> None:
    sent = letter("completed", sent="2020-07-01")
    await follow_letter(written_event(sent, "p", granted=False), work)
    for other in ({**sent, "category": []}, {**sent, "about": [{"reference": "Group/none"}]}, {**sent, "about": []}):
        await follow_letter(written_event(other, "p"), work)
    await follow_letter(written_event(sent, None), work)
    assert await steps_of(work.connection, "SMR", "p") == []
