"""When an invitation counts as sent, and what may change afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mdt_service.domain.invitations.codes import CATEGORY_SYSTEM, INVITATION, LETTER_ATTENTION, LETTER_COVERS
from mdt_service.domain.invitations.sending import invitation_is_sent_in_writing, sent
from tandem.fhir.body import Resource
from tandem.identity.caller import Caller
from tandem.service import Change

NOW = datetime(2020, 7, 1, 9, tzinfo=UTC)
COVERS = [{"url": LETTER_COVERS, "valueCode": each} for each in ("intention", "process")]
LETTER: Resource = {
    "resourceType": "Communication", "id": "c", "status": "preparation", "subject": {"reference": "Patient/p"},
    "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": INVITATION}]}],
    "payload": [{"contentString": "Dear Ada"}], "extension": COVERS,
}  # fmt: skip
ATTENTION = {"url": LETTER_ATTENTION, "extension": [{"url": "code", "valueCode": "translation-needed"}]}


def faults(before: Resource | None, after: Resource | None) -> list[str | None]:
    change = Change("Communication", "c", "update", before, after, Caller("A00001"), NOW, "p")
    return [issue.expression for issue in invitation_is_sent_in_writing(change)]


def test_a_letter_may_be_prepared_in_any_state_and_completed_when_it_is_whole() -> None:
    assert faults(None, {**LETTER, "payload": []}) == []
    assert faults(LETTER, sent(LETTER, NOW, None)) == []


@pytest.mark.parametrize(("changed", "expression"), [
    ({"sent": None}, "Communication.sent"), ({"sent": "2020-07-02"}, "Communication.sent"),
    ({"payload": []}, "Communication.payload"), ({"payload": [{"contentString": "  "}]}, "Communication.payload"),
    ({"payload": [{"contentAttachment": {"contentType": "text/html"}}]}, "Communication.payload"),
    ({"payload": [{"contentReference": {"reference": "DocumentReference/1"}}]}, "Communication.payload"),
    ({"extension": COVERS[:1]}, "Communication.extension"),
    ({"extension": [*COVERS, ATTENTION]}, "Communication.extension"),
])  # fmt: skip
def test_an_incomplete_invitation_is_not_sent(changed: dict[str, Any], expression: str) -> None:
    complete = sent(LETTER, NOW, None)
    assert faults(LETTER, {name: value for name, value in (complete | changed).items() if value is not None}) == [
        expression
    ]
    assert faults(None, {**complete, **changed, "category": []}) == [], "other Communications are not held to it"


def test_what_needed_attention_is_settled_in_words() -> None:
    waiting = {**LETTER, "status": "on-hold", "statusReason": {"text": "x"}, "extension": [*COVERS, ATTENTION]}
    assert faults(waiting, sent(waiting, NOW, None)) == ["Communication.extension"]
    settled = sent(waiting, NOW, "Translated")
    assert faults(waiting, settled) == []
    assert "statusReason" not in settled
    assert {"url": "settled", "valueString": "Translated"} in settled["extension"][-1]["extension"]


def test_what_was_sent_stays_as_it_was_or_is_taken_back() -> None:
    complete = sent(LETTER, NOW, None)
    assert faults(complete, {**complete, "note": [{"text": "Returned by the post"}]}) == []
    assert faults(complete, {**complete, "payload": [{"contentString": "Other"}]}) == ["Communication.payload"]
    assert faults(complete, {**complete, "sent": "2020-06-01"}) == ["Communication.sent"]
    assert faults(complete, {**complete, "status": "preparation"}) == ["Communication.status"]
    assert "Communication.category" in faults(complete, {**complete, "category": []})
    assert faults(complete, {**complete, "status": "entered-in-error"}) == []
