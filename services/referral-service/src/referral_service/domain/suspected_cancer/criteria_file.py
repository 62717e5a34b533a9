"""Criteria as they are written in a file or published: one version shaped as those of `ng12_criteria.yaml`.

Every function raises ValueError with the fault in plain English.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from referral_service.domain.suspected_cancer.criteria import PATHWAYS, SEXES, URGENCIES, Criteria, Criterion

_OLDEST = 130


def criteria_of(told: Any, area: str, earlier: Mapping[str, Criteria]) -> Criteria:
    """One version. `earlier` are those that it may be based on, by version."""
    if not isinstance(told, dict):
        raise ValueError("a version of the criteria is an object")
    base = _base(told, earlier)
    sites = {**(base.sites if base else {}), **_words(told, "sites")}
    symptoms = {**(base.symptoms if base else {}), **_words(told, "symptoms")}
    kept = _kept(told, base)
    added = [_criterion(each, sites, symptoms) for each in _list(told, "criteria")]
    ids = [each.id for each in (*kept, *added)]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"criteria have ids of their own; these stand twice: {', '.join(twice)[:200]}")
    if not ids:
        raise ValueError("there is no criterion")
    version, source = _text(told, "version", 64), _text(told, "source", 500)
    return Criteria(version, area, _day(told), source, sites, symptoms, (*kept, *added))


def _base(told: dict[str, Any], earlier: Mapping[str, Criteria]) -> Criteria | None:
    name = told.get("based-on")
    if name is not None and name not in earlier:
        raise ValueError(f"based-on names a version that is held: {', '.join(earlier)[:200]}")
    return earlier[name] if name is not None else None


def _kept(told: dict[str, Any], base: Criteria | None) -> list[Criterion]:
    known = {each.id for each in base.criteria} if base else set()
    without = _list(told, "without")
    if strange := [str(each) for each in without if each not in known]:
        raise ValueError(f"without names criteria of the version it is based on; not {', '.join(strange)[:200]}")
    return [each for each in (base.criteria if base else ()) if each.id not in without]


def _criterion(told: Any, sites: Mapping[str, str], symptoms: Mapping[str, str]) -> Criterion:
    if not isinstance(told, dict):
        raise ValueError("a criterion is an object")
    identity = _text(told, "id", 64)
    where = f"criterion {identity}"
    _among(told, "site", sites, where)
    _among(told, "urgency", URGENCIES, where)
    _among(told, "pathway", PATHWAYS, where)
    if told.get("sex") is not None:
        _among(told, "sex", SEXES, where)
    together, some = _list(told, "all"), _list(told, "any")
    if not together and not some:
        raise ValueError(f"{where} names no symptom: all, any or both")
    for each in (*together, *some):
        if each not in symptoms:
            raise ValueError(f"{where} names a symptom that the version does not have")
    least = told.get("at-least", 1)
    if type(least) is not int or not 1 <= least <= max(len(some), 1):
        raise ValueError(f"{where}: at-least is a whole number up to how many any names")
    age = told.get("age") or {}
    return Criterion(
        identity, told["site"], told["urgency"], told["pathway"], _text(told, "text", 300),
        _text(told, "recommendation", 200), told.get("checked") is True, frozenset(together), frozenset(some), least,
        _age(age, "from", where), _age(age, "to", where), told.get("sex"),
    )  # fmt: skip


def _among(told: dict[str, Any], name: str, allowed: Any, where: str) -> None:
    if not isinstance(told.get(name), str) or told[name] not in allowed:
        raise ValueError(f"{where}: {name} is one of {', '.join(allowed)}")


def _age(told: Any, name: str, where: str) -> int | None:
    value = told.get(name) if isinstance(told, dict) else told
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= _OLDEST:
        raise ValueError(f"{where}: age.{name} is a whole number of years")
    return value


def _text(told: dict[str, Any], name: str, longest: int) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or not value.isprintable():
        raise ValueError(f"{name} is a text of 1 to {longest} characters")
    return value.strip()


def _day(told: dict[str, Any]) -> date:
    try:
        return date.fromisoformat(told.get("from", ""))
    except (TypeError, ValueError):
        raise ValueError("from is a day such as 2020-04-01") from None


def _list(told: dict[str, Any], name: str) -> list[Any]:
    value = told.get(name) or []
    if not isinstance(value, list):
        raise ValueError(f"{name} is a list")
    return value


def _words(told: dict[str, Any], name: str) -> dict[str, str]:
    value = told.get(name) or {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for pair in value.items() for each in pair):
        raise ValueError(f"{name} has a code and a text each")
    return value
