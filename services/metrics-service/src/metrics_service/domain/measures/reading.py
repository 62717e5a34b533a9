"""A definition from the mapping that its file holds. A word that the language has not is a fault, never skipped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypeVar, get_args

from metrics_service.domain.measures.clause import (
    Aged,
    AllOf,
    AnyOf,
    Clause,
    Condition,
    Counted,
    Has,
    ListWhen,
    Months,
    Not,
    Of,
    OnList,
    Population,
    When,
)
from metrics_service.domain.measures.definition import (
    UNITS,
    Baseline,
    Definition,
    Denominator,
    Phase,
    Reference,
    ServiceCode,
    Target,
    Workload,
)
from metrics_service.domain.measures.faults import DefinitionFault
from tandem.nhs.financial_year import first_day

_Word = TypeVar("_Word", bound=str)
_ID = re.compile(r"[a-z0-9][a-z0-9\-]{0,63}")
_NEEDED: Final = (
    "id", "version", "title", "description", "service", "source", "requirements", "responsible", "unit", "numerator",
)  # fmt: skip
_PLAIN: Final = (
    "direction", "attributable", "purpose", "stage", "headline", "data", "frequency", "consequence", "watch",
)  # fmt: skip
_KNOWN: Final = frozenset(
    (*_NEEDED, *_PLAIN, "denominator", "starts", "ends", "suppression", "stratifiers", "targets", "parameters",
     "exclusions", "populations", "baseline", "reference", "watch", "phases", "groups",
     "workload")
)  # fmt: skip
_CHOICES: Final = {
    "service": get_args(ServiceCode),
    "responsible": ("practice", "network", "community-provider", "hospital", "commissioner", "care-home"),
    "unit": sorted(UNITS),
    "direction": ("up", "down", "none"),
    "purpose": ("performance", "improvement"),
    "stage": ("setup", "delivery", "quality", "outcome"),
    "frequency": ("monthly", "quarterly", "yearly"),
    "watch": ("fall", "rise", "added-load"),
}
STRATIFIERS: Final = (
    "age", "sex", "ethnicity", "deprivation", "category", "detail", "place", "organisation", "status",
)  # fmt: skip
_WORDS: Final = {"status", "not-status", "category", "detail", "place", "organisation", "codes", "not-codes"}
_CLAUSE: Final = _WORDS | {"fact", "when", "value", "ended-within", "people"}


class Reading:
    """Reads one definition; `parameters` take the place of `$name`, those that are given before those of the file."""

    def __init__(
        self, shape: Mapping[str, Any], parameters: Mapping[str, float] | None = None, groups: Iterable[str] = ()
    ) -> None:
        """`groups` take the place of those of the file: lists of people to whom the measure was set to apply."""
        self._shape = shape
        self._groups = tuple(groups) or _listed(shape.get("groups"))
        own = shape.get("parameters") or {}
        unknown = sorted(set(parameters or {}) - set(own))
        if unknown:
            raise DefinitionFault(
                "parameters", f"there is no {unknown[0]}; there are {', '.join(sorted(own)) or 'none'}"
            )
        self._parameters: dict[str, float] = {**own, **(parameters or {})}

    def definition(self) -> Definition:
        """Raises DefinitionFault."""
        shape = self._shape
        _only(shape, _KNOWN, "")
        for name in _NEEDED:
            if shape.get(name) in (None, "", []):
                raise DefinitionFault(name, "is needed")
        for name, allowed in _CHOICES.items():
            if name in shape and shape[name] not in allowed:
                raise DefinitionFault(name, f"is one of {', '.join(allowed)}")
        if not _ID.fullmatch(str(shape["id"])):
            raise DefinitionFault("id", "is lower-case letters, digits and hyphens, at most 64")
        stratifiers = _listed(shape.get("stratifiers"))
        for name in stratifiers:
            if name not in STRATIFIERS:
                raise DefinitionFault("stratifiers", f"is any of {', '.join(STRATIFIERS)}")
        targets = shape.get("targets") or ()
        if isinstance(targets, Mapping):
            targets = [targets]
        texts: dict[str, Any] = {
            name: str(shape[name]).strip() for name in _NEEDED if name not in ("requirements", "numerator")
        }
        return Definition(
            **texts,
            **{name: shape[name] for name in _PLAIN if name in shape},
            requirements=_listed(shape["requirements"]),
            numerator=self._population(shape["numerator"], "numerator"),
            denominator=self._denominator(shape.get("denominator")),
            starts=_date(shape.get("starts"), "starts"),
            ends=_date(shape.get("ends"), "ends"),
            suppressed=shape.get("suppression", "people") == "people",
            stratifiers=stratifiers,
            targets=tuple(_target(each) for each in targets if "recorded" not in each),
            targets_recorded=next((str(each["recorded"]) for each in targets if "recorded" in each), None),
            baseline=_baseline(shape.get("baseline")),
            phases=tuple(map(_phase, shape.get("phases") or ())),
            reference=_reference(shape.get("reference")),
            parameters=dict(self._parameters),
            groups=self._groups,
            workload=_workload(shape.get("workload")),
            exclusions=self._conditions(shape.get("exclusions"), "exclusions"),
            populations={
                str(name): self._population(each, f"populations.{name}")
                for name, each in (shape.get("populations") or {}).items()
            },
        )  # fmt: skip

    def _denominator(self, shape: Any) -> Denominator:
        if shape is None:
            return None
        lists: tuple[Literal["list-size", "weighted-list"], ...] = ("list-size", "weighted-list")
        if shape in lists:
            return _chosen(shape, lists)
        if isinstance(shape, Mapping) and set(shape) == {"number"}:
            return self._number(shape["number"], "denominator.number")
        return self._population(shape, "denominator")

    def _population(self, shape: Any, path: str) -> Population:
        _mapping(shape, path)
        counted = shape.get("count", "people")
        if counted not in get_args(Counted):
            raise DefinitionFault(f"{path}.count", f"is one of {', '.join(get_args(Counted))}")
        rest = {name: value for name, value in shape.items() if name not in ("count", "title", "times")}
        times = self._number(shape.get("times", 1), f"{path}.times")
        return Population(self._clause(rest, path), counted, shape.get("title"), times)

    def _clause(self, shape: Any, path: str) -> Clause:
        _mapping(shape, path)
        _only(shape, _CLAUSE, path)
        if not _listed(shape.get("fact")):
            raise DefinitionFault(f"{path}.fact", "is needed: a kind of fact, or several")
        value = shape.get("value") or {}
        _only(value, {"at-least", "at-most"}, f"{path}.value")
        words = {name.replace("-", "_"): _listed(shape.get(name)) for name in _WORDS}
        return Clause(
            facts=_listed(shape["fact"]),
            when=self._when(shape.get("when", "in-period"), path),
            at_least=self._maybe(value.get("at-least"), f"{path}.value.at-least"),
            at_most=self._maybe(value.get("at-most"), f"{path}.value.at-most"),
            ended_within=self._whole(shape.get("ended-within"), f"{path}.ended-within"),
            people=self._conditions(shape.get("people"), f"{path}.people"),
            **words,
        )

    def _when(self, shape: Any, path: str) -> When | Months:
        if isinstance(shape, Mapping) and set(shape) == {"months"}:
            return Months(int(self._number(shape["months"], f"{path}.when.months")))
        if shape not in get_args(When):
            raise DefinitionFault(f"{path}.when", f"is one of {', '.join(get_args(When))}, or months")
        words: tuple[When, ...] = get_args(When)
        return _chosen(shape, words)

    def _conditions(self, shape: Any, path: str) -> tuple[Condition, ...]:
        if shape is None:
            return ()
        if not isinstance(shape, list):
            raise DefinitionFault(path, "is a list of conditions")
        return tuple(self._condition(each, f"{path}[{place}]") for place, each in enumerate(shape))

    def _condition(self, shape: Any, path: str) -> Condition:
        _mapping(shape, path)
        names = set(shape)
        if "on-list" in names and names <= {"on-list", "when"}:
            when = shape.get("when", "on-the-day")
            if when not in get_args(ListWhen):
                raise DefinitionFault(f"{path}.when", f"is one of {', '.join(get_args(ListWhen))}")
            return OnList(self._lists(shape["on-list"], path), when)
        if (
            names & {"has", "lacks"}
            and names <= {"has", "lacks", "within", "same-group", "of"}
            and len(names & {"has", "lacks"}) == 1
        ):
            return self._fact_condition(shape, path)
        if names == {"age"}:
            _only(shape["age"], {"from", "to"}, f"{path}.age")
            ends = (self._whole(shape["age"].get(name), f"{path}.age.{name}") for name in ("from", "to"))
            return Aged(*ends)
        if names == {"any"}:
            return AnyOf(self._conditions(shape["any"], f"{path}.any"))
        if names == {"all"}:
            return AllOf(self._conditions(shape["all"], f"{path}.all"))
        if names == {"not"}:
            return Not(self._condition(shape["not"], f"{path}.not"))
        raise DefinitionFault(path, "is one of on-list, has, lacks, age, any, all, not")

    def _fact_condition(self, shape: Mapping[str, Any], path: str) -> Condition:
        name = "has" if "has" in shape else "lacks"
        within = shape.get("within") or {}
        _only(within, {"before", "after"}, f"{path}.within")
        found = Has(
            self._clause(shape[name], f"{path}.{name}"),
            before=self._whole(within.get("before"), f"{path}.within.before"),
            after=self._whole(within.get("after"), f"{path}.within.after"),
            same_group=bool(shape.get("same-group", False)),
            of=self._of(shape.get("of", "person"), path),
        )
        return found if name == "has" else Not(found)

    def _lists(self, shape: Any, path: str) -> tuple[str, ...]:
        if shape != "$groups":
            return _listed(shape)
        if not self._groups:
            raise DefinitionFault(f"{path}.on-list", "$groups asks for the groups of the definition")
        return self._groups

    @staticmethod
    def _of(value: Any, path: str) -> Of:
        if value not in get_args(Of):
            raise DefinitionFault(f"{path}.of", f"is one of {', '.join(get_args(Of))}")
        words: tuple[Of, ...] = get_args(Of)
        return _chosen(value, words)

    def _maybe(self, value: Any, path: str) -> float | None:
        return None if value is None else self._number(value, path)

    def _whole(self, value: Any, path: str) -> int | None:
        return None if value is None else int(self._number(value, path))

    def _number(self, value: Any, path: str) -> float:
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in self._parameters:
                raise DefinitionFault(path, f"there is no parameter {value}")
            value = self._parameters[value[1:]]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DefinitionFault(path, "is a number, or a parameter such as $age")
        return float(value)


def _chosen(value: Any, words: tuple[_Word, ...]) -> _Word:
    """The word of the language that a file has, which was checked to be one of these."""
    return words[words.index(value)]


def _financial_year(text: Any) -> str:
    try:
        first_day(str(text))
    except ValueError:
        raise DefinitionFault("targets.year", "is a financial year such as 2020/21") from None
    return str(text)


def _target(shape: Any) -> Target:
    _mapping(shape, "targets")
    _only(shape, {"year", "minimum", "maximum", "source"}, "targets")
    if shape.get("minimum") is None and shape.get("maximum") is None:
        raise DefinitionFault("targets", "a target has a minimum, a maximum or both")
    minimum, maximum = (None if shape.get(name) is None else float(shape[name]) for name in ("minimum", "maximum"))
    return Target(_financial_year(shape.get("year")), minimum, maximum, str(shape.get("source") or ""))


def _baseline(shape: Any) -> Baseline | None:
    if shape is None:
        return None
    if shape == "last-year":
        return Baseline(None, None, "")
    if shape == "days-before":
        return Baseline(None, None, "", days_before=True)
    _only(shape, {"first", "last", "source", "known"}, "baseline")
    first, last = _date(shape.get("first"), "baseline.first"), _date(shape.get("last"), "baseline.last")
    if first is None or last is None or last < first:
        raise DefinitionFault("baseline", "has a first and a last day, or is last-year or days-before")
    return Baseline(first, last, str(shape.get("source") or ""), known=_date(shape.get("known"), "baseline.known"))


def _phase(shape: Any) -> Phase:
    _mapping(shape, "phases")
    _only(shape, {"name", "from", "source"}, "phases")
    first = _date(shape.get("from"), "phases.from")
    if first is None or not shape.get("name"):
        raise DefinitionFault("phases", "a phase has a name and the day from which it holds")
    return Phase(str(shape["name"]), first, str(shape.get("source") or ""))


def _workload(shape: Any) -> Workload | None:
    if shape is None:
        return None
    _only(shape, {"minutes", "roles", "source"}, "workload")
    if not shape.get("minutes") or not _listed(shape.get("roles")):
        raise DefinitionFault("workload", "has the minutes that one takes, and the roles of who does it")
    return Workload(float(shape["minutes"]), _listed(shape["roles"]), str(shape.get("source") or ""))


def _reference(shape: Any) -> Reference | None:
    if shape is None:
        return None
    _only(shape, {"number", "source"}, "reference")
    return Reference(float(shape["number"]), str(shape.get("source") or ""))


def _date(value: Any, path: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise DefinitionFault(path, "is a date such as 2020-04-01") from None


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _mapping(shape: Any, path: str) -> None:
    if not isinstance(shape, Mapping):
        raise DefinitionFault(path, "is a mapping")


def _only(shape: Any, allowed: Iterable[str], path: str) -> None:
    _mapping(shape, path)
    for name in shape:
        if name not in allowed:
            raise DefinitionFault(
                f"{path}.{name}" if path else str(name), f"is not known; there are {', '.join(sorted(allowed))}"
            )
