"""The nodes of a cohort definition. One class a criterion; what each means is said here and nowhere else.

Days are whole days in London. "As-of" is the day the evaluation is made for. A fact is *seen* when it began on or
before as-of; it is *current* when it is seen and has not ended by as-of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A length of calendar time counted back from as-of, such as `6 months`; `unit` is days, weeks, months or years."""

    amount: int
    unit: Literal["days", "weeks", "months", "years"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that stands in `parameters` of the definition, so that it can be tried and changed: `$medicines`."""

    name: str


Number = int | Parameter


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a value: `from` and `up_to` include their number, `above` and `under` do not. None is no bound."""

    from_: float | None = None
    above: float | None = None
    up_to: float | None = None
    under: float | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the criteria holds."""

    of: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the criteria holds."""

    of: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The criterion does not hold."""

    of: Criterion


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the criteria hold."""

    count: Number
    of: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class InCohort:
    """The person is in what another definition selects (as computed, without judgements) on the same day."""

    cohort: str


@dataclass(frozen=True, slots=True)
class Age:
    """Completed years at as-of: `from_` or more, and less than `under`."""

    from_: Number | None = None
    under: Number | None = None


@dataclass(frozen=True, slots=True)
class Sex:
    """Patient.gender."""

    is_: Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """At least `times` records (distinct) have a fact with a code of one of the value sets.

    Without a window the fact must be current; with `ever` it need only be seen. `within` asks that it began within the
    span before as-of, `older_than` that it began at least that long before; both go by its beginning alone, take no
    notice of its end and do not count a fact whose beginning is not known. `value` bounds its value; a fact without a
    value then does not count.
    """

    value_sets: tuple[str, ...]
    times: Number = 1
    ever: bool = False
    within: Span | None = None
    older_than: Span | None = None
    value: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """Of all seen facts with a code of the value sets, the newest has a value, and it is within the bounds.

    Newest by beginning; of several on that day the one from the record that was kept last, and of one record the
    highest value. `within` takes only facts that began within the span. A newest fact without a value is within no
    bounds, whatever older ones say: an eGFR of ">60" from last month is newer than a 40 of years ago. A result of
    "<15" has a value just below 15 (docs/facts.md).
    """

    value_sets: tuple[str, ...]
    value: Bounds
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class LastSaid:
    """Of all seen facts with a code of `among`, the newest (as in Latest) has one of `is_`.

    Of several on one day one of `is_` wins. For what is said again and again: a frailty band, where somebody lives.
    """

    among: tuple[str, ...]
    is_: tuple[str, ...]
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine of the value sets was in use: its order's days overlap the window.

    The window is as-of itself; with `within` it reaches from that long before to as-of; with `between` from the first
    span before as-of to the second. `started_before` asks in addition that an order, perhaps an earlier one, is known
    to have begun at least that long before. An order that ends on its first day has no days.
    """

    value_sets: tuple[str, ...]
    within: Span | None = None
    between: tuple[Span, Span] | None = None
    started_before: Span | None = None


@dataclass(frozen=True, slots=True)
class Medicines:
    """At least `at_least` different substances are in use (see Medicine), orders of `except_` not counted.

    With `value_sets` only orders of these count. An order is of a value set when any of its codings is in it, and
    counts as one substance however many codings it has: that of its product, which is its code of dm+d, else of SNOMED
    CT, else of the BNF, else any. Two products of one substance, by the map of products, count once; so do two orders
    of one product.
    """

    at_least: Number
    except_: tuple[str, ...] = ()
    value_sets: tuple[str, ...] = ()
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """Two different substances, one of `first` and one of `second`, in use within `days` days of each other.

    Both orders overlap the time from `within` before as-of to as-of; their own days are at most `days` days apart.
    What substance an order is of, see Medicines: one order is never two.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    days: int
    within: Span


@dataclass(frozen=True, slots=True)
class Categories:
    """At least `at_least` (and at most `up_to`) of the value sets of a group have a fact that was ever seen.

    Each criterion of `plus` that holds counts as one more. So the electronic frailty index is counted.
    """

    group: str
    at_least: Number
    up_to: Number | None = None
    plus: tuple[Criterion, ...] = ()


Criterion = (
    All | AnyOf | Not | AtLeast | InCohort | Age | Sex | Recorded | Latest | LastSaid | Medicine | Medicines
    | Together | Categories
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Because:
    """A criterion with the words that a person reads when it holds."""

    text: str
    when: Criterion
    points: int = 0


@dataclass(frozen=True, slots=True)
class CohortDefinition:
    """A definition as parsed. `name` is `id@version`, as members, events and runs give it.

    Outside `applies_from`..`applies_until` (both included, None is open) nobody is a member. `exclude` keeps people out
    with a reason; `rank` adds up points that order the list. `since` names value sets: membership is dated from the
    first current fact of these instead of from the day it was found. `status`: a mandatory definition is the same
    everywhere, a local one may be changed by a network, an optional one is on only where a network switched it on.
    Of one that is not `listed` no list is kept: whom it selects is computed where it is asked.
    """

    id: str
    version: str
    title: str
    description: str
    service: Literal["SMR", "EHCH", "AC", "PC", "PAM", "SDM", "ECD", "PCPC"]
    status: Literal["mandatory", "local", "optional"]
    source: str
    members: Criterion
    requirements: tuple[str, ...] = ()
    applies_from: date | None = None
    applies_until: date | None = None
    parameters: dict[str, int] = field(default_factory=dict)
    exclude: tuple[Because, ...] = ()
    rank: tuple[Because, ...] = ()
    suggests: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    listed: bool = True
    text: str = ""
    """The file as it was written."""

    @property
    def name(self) -> str:
        return f"{self.id}@{self.version}"
