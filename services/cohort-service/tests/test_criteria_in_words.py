"""What an explanation says of a criterion."""

from __future__ import annotations

import pytest

from cohort_service.domain.definition_language.in_words import in_words
from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AtLeast,
    Bounds,
    Categories,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Parameter,
    Recorded,
    Sex,
    Span,
    Together,
)

HALF, MONTH = Span(6, "months"), Span(1, "months")


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (All(()), "all of these hold"),
        (AtLeast(2, (Sex("male"), Sex("male"), Sex("male"))), "at least 2 of these 3 hold"),
        (InCohort("frail"), "is selected by frail"),
        (Age(65), "is aged 65 or over"),
        (Age(None, 18), "is aged under 18"),
        (Age(25, Parameter("old")), "is aged 25 to 64"),
        (Recorded(("frailty-severe",)), "a fact of frailty-severe is current"),
        (Recorded(("a", "b", "c"), ever=True), "a fact of a, b or c was ever recorded"),
        (Recorded(("a",), 2, within=HALF), "at least 2 records with a fact of a began within the last 6 months"),
        (Recorded(("a",), older_than=MONTH), "a fact of a began at least 1 month ago"),
        (
            Recorded(("a",), within=HALF, older_than=MONTH, value=Bounds(from_=7.5, under=9)),
            "a fact of a and a value from 7.5 and under 9 began within the last 6 months and at least 1 month ago",
        ),
        (Latest(("egfr",), Bounds(under=45)), "the newest value of egfr is under 45"),
        (LastSaid(("a", "b"), ("b",)), "what was last said of a or b is b"),
        (Medicine(("nsaid",)), "a medicine of nsaid is in use"),
        (Medicine(("a",), between=(HALF, MONTH)), "a medicine of a was in use between 6 months and 1 month ago"),
        (
            Medicine(("a",), within=HALF, started_before=MONTH),
            "a medicine of a was in use within the last 6 months, and one was started at least 1 month ago",
        ),
        (Medicines(10), "10 or more different medicines are in use"),
        (
            Medicines(5, ("x",), ("a", "b"), HALF),
            "5 or more different medicines of a or b were in use within the last 6 months, not counting x",
        ),
        (
            Together(("a",), ("b",), 28, HALF),
            "a medicine of a and another of b were in use within 28 days of each other within the last 6 months",
        ),
        (Categories("efi", 5, 8), "at least 5 and at most 8 of the categories of efi were ever recorded"),
    ],
)
def test_a_criterion_reads_as_a_sentence(criterion: Criterion, words: str) -> None:
    assert in_words(criterion, {"old": 65}) == words
