"""What an explanation says of a criterion."""

from __future__ import annotations

import pytest

from cohort_service.domain.definition_language.in_words import in_words
from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Bounds,
    Categories,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Parameter,
    Recorded,
    Sex,
    Span,
    Together,
)
from cohort_service.domain.definition_language.titles import Titles, titles_of_groups

HALF, MONTH, WEEKS = Span(6, "months"), Span(1, "months"), Span(2, "weeks")
VALUE_SETS = {
    "ulcer": "Peptic ulcer", "bleed": "Upper bleed", "falls": "Falls", "diabetes": "Diabetes",
    "nsaid": "Non-steroidal anti-inflammatory medicines", "ppi": "Medicines that protect the stomach",
    "egfr": "Estimated glomerular filtration rate", "bmi": "Body mass index, in kg/m2", "stroke": "Stroke or TIA",
    "admission": "An unplanned admission", "smokes": "Smokes", "smoked": "Smoked", "never": "Never smoked",
    "efi-falls": "Electronic frailty index: falls", "efi-stroke": "Electronic frailty index: stroke",
}  # fmt: skip
GROUPS = {"efi": ("efi-falls", "efi-stroke"), "mixed": ("efi-falls", "ulcer"), "unknown": ("nobody",), "empty": ()}
TITLES = Titles(VALUE_SETS, titles_of_groups(GROUPS, VALUE_SETS), {"frail": "Severe frailty"})


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (All(()), "All of these hold"),
        (AnyOf(()), "At least one of these holds"),
        (Not(Sex("male")), "The following does not hold"),
        (AtLeast(2, (Sex("male"), Sex("male"), Sex("male"))), "At least 2 of these 3 hold"),
        (AtLeast(1, (Sex("male"), Sex("female"))), "At least 1 of these 2 holds"),
        (InCohort("frail"), 'Meets the definition of "Severe frailty"'),
        (Sex("female"), "Is female"),
        (Age(65), "Is 65 or older"),
        (Age(None, 18), "Is under 18"),
        (Age(25, Parameter("old")), "Is 25 to 64 years old"),
        (Age(40, 41), "Is 40 years old"),
        (Recorded(("ulcer",)), "Peptic ulcer is recorded"),
        (Recorded(("falls",)), "Falls are recorded"),
        (Recorded(("diabetes",)), "Diabetes is recorded"),
        (Recorded(("bmi",)), '"Body mass index, in kg/m2" is recorded'),
        (Recorded(("smokes", "smoked"), ever=True), '"Smokes" or "Smoked" was recorded at any time'),
        (Recorded(("stroke",)), "Stroke or TIA is recorded"),
        (Recorded(("ulcer", "bleed", "stroke")), 'Peptic ulcer, Upper bleed or "Stroke or TIA" is recorded'),
        (
            Recorded(("admission",), 3, within=HALF),
            "At least 3 records of an unplanned admission in the last 6 months",
        ),
        (Recorded(("admission",), within=MONTH), "An unplanned admission was recorded in the last month"),
        (Recorded(("falls",), 2), "At least 2 current records of Falls"),
        (Recorded(("falls",), within=HALF), "Falls were recorded in the last 6 months"),
        (Recorded(("ulcer",), older_than=MONTH), "Peptic ulcer was recorded 1 month ago or earlier"),
        (Recorded(("ulcer",), 2, ever=True), "At least 2 records of Peptic ulcer at any time"),
        (
            Recorded(("egfr",), within=HALF, older_than=WEEKS, value=Bounds(from_=7.5, under=9)),
            (
                "Estimated glomerular filtration rate with a value of 7.5 or more and under 9 was recorded"
                " between 6 months and 2 weeks ago"
            ),
        ),
        (
            Recorded(("egfr",), value=Bounds(under=30)),
            "Estimated glomerular filtration rate with a value under 30 is recorded",
        ),
        (
            Latest(("egfr",), Bounds(from_=1, under=45)),
            "The newest value of Estimated glomerular filtration rate is 1 or more and under 45",
        ),
        (
            Latest(("bmi",), Bounds(above=0.12, up_to=1234567), HALF),
            'The newest value of "Body mass index, in kg/m2" in the last 6 months is over 0.12 and 1234567 or less',
        ),
        (
            Latest(("egfr",), Bounds(from_=5, up_to=5)),
            "The newest value of Estimated glomerular filtration rate is exactly 5",
        ),
        (
            LastSaid(("smokes", "smoked", "never"), ("smokes",)),
            'What was recorded last is "Smokes", not "Smoked" or "Never smoked"',
        ),
        (LastSaid(("ulcer",), ("ulcer",), HALF), "What was recorded last in the last 6 months is Peptic ulcer"),
        (Medicine(("nsaid",)), "A medicine of the group Non-steroidal anti-inflammatory medicines is in use"),
        (
            Medicine(("ppi",), between=(HALF, MONTH)),
            "A medicine of the group Medicines that protect the stomach was in use between 6 months and 1 month ago",
        ),
        (
            Medicine(("ppi",), within=HALF, started_before=MONTH),
            (
                "A medicine of the group Medicines that protect the stomach was in use in the last 6 months,"
                " and one was started 1 month ago or earlier"
            ),
        ),
        (Medicines(10), "10 or more different medicines are in use"),
        (
            Medicines(5, ("ppi",), ("a", "b"), HALF),
            (
                "5 or more different medicines of the groups a or b were in use in the last 6 months,"
                " not counting those of the group Medicines that protect the stomach"
            ),
        ),
        (
            Together(("a",), ("b",), 28, HALF),
            (
                "A medicine of the group a and another of the group b were in use within 28 days of each other"
                " in the last 6 months"
            ),
        ),
        (
            Together(("a",), ("b",), 1, HALF),
            (
                "A medicine of the group a and another of the group b were in use within 1 day of each other"
                " in the last 6 months"
            ),
        ),
        (
            Together(("a",), ("b",), 0, HALF),
            "A medicine of the group a and another of the group b were in use on the same day in the last 6 months",
        ),
        (Categories("efi", 5, 8), "5 to 8 categories of the Electronic frailty index were recorded at any time"),
        (Categories("efi", 1), "At least 1 category of the Electronic frailty index was recorded at any time"),
        (
            Categories("mixed", 2, 2, (Sex("male"),)),
            (
                "Exactly 2 categories of the group mixed were recorded at any time,"
                " counting one more for each of these that holds"
            ),
        ),
    ],
)
def test_a_criterion_reads_as_a_sentence(criterion: Criterion, words: str) -> None:
    assert in_words(criterion, {"old": 65}, TITLES) == words


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (InCohort("frail"), 'Meets the definition of "frail"'),
        (Recorded(("frailty-severe", "falls")), "Frailty-severe or falls is recorded"),
        (Medicine(("nsaid",)), "A medicine of the group nsaid is in use"),
        (Categories("efi", 5), "At least 5 categories of the group efi were recorded at any time"),
    ],
)
def test_what_has_no_title_stands_by_its_id(criterion: Criterion, words: str) -> None:
    assert in_words(criterion, {}) == words
