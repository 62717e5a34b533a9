"""Within a text of somebody else's record an id goes as a word: ids that begin or end alike are other people's."""

from __future__ import annotations

import json

import pytest

from tandem.retention.redaction import Traces, redacted

CHOSEN, RANDOM, NUMBER = "A81001-patient-12", "5643a7bf-4ceb-4401-b003-361c4440f93b", "9990001234"


@pytest.mark.parametrize(
    "other", [f"{CHOSEN}-2", f"{CHOSEN}.2", f"{CHOSEN}3", f"{CHOSEN}-", f"B-{CHOSEN}", f"B.{CHOSEN}"]
)
def test_an_id_with_a_chosen_one_in_it_is_somebody_elses(other: str) -> None:
    record = {"subject": {"reference": f"Patient/{other}", "display": "Somebody Else"}, "note": f"See {other}."}
    assert redacted(json.dumps(record).encode(), Traces(CHOSEN, ())) is None


@pytest.mark.parametrize("text", ["See {}.", "({})", "{}, and her sister", "https://tandem.example/{}", "id:{}"])
@pytest.mark.parametrize("trace", [CHOSEN, RANDOM, NUMBER])
def test_one_that_stands_alone_goes(text: str, trace: str) -> None:
    after = redacted(json.dumps({"note": text.format(trace)}).encode(), Traces(trace, (NUMBER,)))
    assert after is not None
    assert json.loads(after) == {"note": text.format("erased")}


@pytest.mark.parametrize("text", ["copy-{}", "{}-copy", "{}.pdf"])
@pytest.mark.parametrize("trace", [RANDOM, NUMBER])
def test_a_random_one_and_a_number_go_from_a_longer_word_too(text: str, trace: str) -> None:
    after = redacted(json.dumps({"note": text.format(trace)}).encode(), Traces(RANDOM, (NUMBER,)))
    assert after is not None
    assert json.loads(after) == {"note": text.format("erased")}
