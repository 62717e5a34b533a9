"""What a person last said of the enriched summary, whatever the order in which it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from careplan_service.consents.summary_consents import keep_summary_consent, summary_consent
from careplan_service.domain.consents.consent_transitions import TRANSITIONS, consent_moves_by_the_table
from careplan_service.domain.consents.summary_consent import consent_is_whole
from tandem.canonical import CONSENT_CATEGORY
from tandem.clock import to_micros
from tandem.identity.caller import Caller
from tandem.nhs.summary_consent import said_by
from tandem.service import Change
from tandem_tests.small_work import SmallWork

NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)


def consent(name: str, status: str = "active", answer: str = "permit", on: str = "2020-06-01", **more: Any) -> Any:
    return {
        "resourceType": "Consent", "id": name, "status": status, "dateTime": on,
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_CATEGORY, "code": "enriched-summary"}]}],
        "provision": {"type": answer, **more},
    }  # fmt: skip


def change(before: Any, after: Any) -> Change:
    name = (after or before)["id"]
    action = "delete" if after is None else "create" if before is None else "update"
    return Change("Consent", name, action, before, after, Caller("A81001"), NOW, "ada")


@dataclass
class Said:
    """The Consents of a person as they are written."""

    work: SmallWork
    held: dict[str, Any] = field(default_factory=dict)

    async def write(self, name: str, after: Any) -> None:
        await keep_summary_consent(change(self.held.get(name), after), self.work)
        self.held[name] = after

    async def stands(self) -> tuple[str | None, bool]:
        found = await summary_consent(self.work.connection, "ada", to_micros(NOW))
        return found.said, found.holds


async def test_the_newest_answer_counts(work: SmallWork) -> None:
    said = Said(work)
    assert await said.stands() == (None, False)
    await said.write("asked", consent("asked", "proposed"))
    assert await said.stands() == (None, False)
    await said.write("yes", consent("yes"))
    assert await said.stands() == ("yes", True)
    await said.write("older", consent("older", answer="deny", on="2019-01-01"))
    assert await said.stands() == ("yes", True)
    await said.write("no", consent("no", answer="deny"))
    assert await said.stands() == ("no", False), "of two of one day, the one that does not open"
    await said.write("no", consent("no", "entered-in-error"))
    assert await said.stands() == ("yes", True)
    await said.write("ahead", consent("ahead", on="2021-01-01", answer="permit"))
    await said.write("yes", consent("yes", "inactive"))
    assert await said.stands() == ("withdrawn", False)
    await said.write("between", consent("between", on="2020-06-20"))
    assert await said.stands() == ("withdrawn", False), "it was taken back today"
    await said.write("yes", None)
    assert await said.stands() == ("yes", True)


@pytest.mark.parametrize(
    ("period", "holds"),
    [({"end": "2020-07-01"}, True), ({"end": "2020-06-30"}, False), ({"start": "2020-07-02"}, False)],
)
async def test_a_yes_holds_within_its_period(work: SmallWork, period: dict[str, str], holds: bool) -> None:
    said = Said(work)
    await said.write("yes", consent("yes", period=period))
    assert await said.stands() == ("yes", holds)


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [("active", "permit", "yes"), ("active", "deny", "no"), ("rejected", "permit", "no"), ("proposed", "permit", None),
     ("draft", "permit", None), ("inactive", "permit", "withdrawn"), ("entered-in-error", "permit", None)],
)  # fmt: skip
def test_what_a_consent_says(status: str, answer: str, expected: str | None) -> None:
    assert said_by(consent("c", status, answer)) == expected
    assert said_by(consent("c", status, answer) | {"category": []}) is None


def test_the_table_binds_our_categories_alone() -> None:
    ours, plain = consent("c", "inactive"), consent("c", "inactive") | {"category": []}
    assert [issue.text for issue in consent_moves_by_the_table(change(ours, consent("c")))]
    assert not list(consent_moves_by_the_table(change(plain, plain | {"status": "active"})))
    assert TRANSITIONS.keys() == {status for allowed in TRANSITIONS.values() for status in allowed} | {"draft"}


def test_an_answer_is_whole() -> None:
    assert not list(consent_is_whole(change(None, consent("c"))))
    bare = consent("c") | {"provision": {}, "dateTime": None, "scope": {}}
    assert {issue.expression for issue in consent_is_whole(change(None, bare))} == {
        "Consent.scope", "Consent.provision.type", "Consent.dateTime",
    }  # fmt: skip
    assert not list(consent_is_whole(change(None, bare | {"category": []})))
    assert not list(consent_is_whole(change(None, bare | {"status": "proposed"})))
