"""The ways to reports, forms, payments and funding: rows of `isolation_operations`. They hold nothing of any person."""

from __future__ import annotations

from typing import Any

from tandem_tests.isolation_operations import OPERATIONS, Asking

_PERIOD = "2016-12-31"


def _get(name: str, query: str = "") -> None:
    async def read(asking: Asking) -> str:
        return await asking.get(name + _filled(query, asking))

    OPERATIONS[f"GET {name}"] = read


def _post(name: str, *sent: tuple[str, Any]) -> None:
    async def write(asking: Asking) -> str:
        return await asking.post(name, *((each, _filled(value, asking)) for each, value in sent))

    OPERATIONS[f"POST {name}"] = write


def _filled(value: Any, asking: Asking) -> Any:
    if isinstance(value, str):
        for role in ("practice", "network", "commissioner"):
            value = value.replace(f"@{role}", asking.place.here.codes[role])
    return value


_PRACTICE, _NETWORK = ("practice", "@practice"), ("network", "@network")
_COMMISSIONER = ("commissioner", "@commissioner")

_get("MeasureReport/$practice-report", f"?practice=@practice&period={_PERIOD}")
_post("MeasureReport/$practice-report", _PRACTICE, ("period", _PERIOD))
_get("MeasureReport/$reporting-calendar", "?practice=@practice")
_get("MeasureReport/$report-template", "?commissioner=@commissioner")
_post("MeasureReport/$report-template", _COMMISSIONER, ("from", "2030-04-01"))
_get("MeasureReport/$compare-practice-reports", f"?period={_PERIOD}&commissioner=@commissioner")
_get("MeasureReport/$assurance-form", "?practice=@practice")
_post("MeasureReport/$assurance-form", _PRACTICE, ("lessonsLearned", "Ask the carers"))
_get("Measure/$outcome-framework")

_get("Measure/$scheme", "?commissioner=@commissioner")
_post(
    "Measure/$scheme", _COMMISSIONER, ("from", "2030-04-01"), ("until", "2031-03-31"), ("upfrontPerPatient", 5),
    ("finalPerPatient", 1), ("reason", "Walks"),
)  # fmt: skip
_get("Measure/$payment-schedule", "?practice=@practice")
_post("Measure/$record-payment", _PRACTICE, ("kind", "instalment"), ("date", "2016-10-01"), ("paid", "2020-06-30"))
_post(
    "Measure/$decide-performance", _PRACTICE, ("terms", "2016-10-01"), ("satisfactory", False), ("reason", "No reports")
)
_post("Measure/$recover-payment", _PRACTICE, ("amount", 1), ("reason", "Never paid"))
_get("Measure/$funding-breakdown", "?practice=@practice")
_post("Measure/$funding-breakdown", _PRACTICE, ("line", [("purpose", "Walks"), ("amount", 1)]))

_get("Measure/$network-entitlements", "?network=@network&year=2020/21")
_get("Measure/$access-responsibility", "?network=@network&date=2020-07-01")
_get("Measure/$network-fund", "?network=@network")
_post("Measure/$network-fund", _NETWORK, ("payment", [("stream", "core"), ("amount", 1), ("paid", "2020-06-30")]))
_get("Measure/$role-claim", "?network=@network")
_post("Measure/$role-claim", _NETWORK, ("claim", [("role", "clinical-pharmacist"), ("month", "2020-06"), ("wte", 1)]))
_get("Measure/$impact-fund", "?network=@network")
_post(
    "Measure/$impact-fund", _NETWORK, ("year", "2097/98"),
    ("achievement", [("element", "prescribing-costs"), ("value", 1)]),
)  # fmt: skip
_get("Measure/$impact-fund-rules", "?year=2099/00")
_post(
    "Measure/$impact-fund-rules", ("year", "2098/99"), ("pointValue", 1), ("source", "Rules of the tests"),
    ("element", [("element", "prescribing-costs"), ("points", 1), ("nothing", 1), ("full", 2)]),
)  # fmt: skip
