"""The table that a run prints: figure, floor, ratio, aim, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_RATIOS = {"create": 0.50, "read": 0.55, "search_1000": 0.60}
_LINE = "{:<26}{:>14}{:>14}{:>9}{:>9}  {:<24}{}"


def report(result: dict[str, Any]) -> str:
    """The figures of one run as text."""
    lines = [_LINE.format("what", "floor", "Tandem", "ratio", "of CPU", "aim", "")]
    for name, found in result.items():
        if isinstance(found, dict) and name != "machine":
            lines += _skipped(name, found) or _lines(name, found)
    return "\n".join(line.rstrip() for line in lines)


def _skipped(name: str, found: dict[str, Any]) -> list[str]:
    return [f"{name}: SKIPPED, {found['skipped']}"] if "skipped" in found else []


def _lines(name: str, found: dict[str, Any]) -> list[str]:
    match name:
        case "footprint":
            return [line for each, values in found.items() for line in _footprint(each, values)]
        case "cohorts":
            return list(_cohorts(found))
        case "shared-plan":
            return list(_shared_plan(found))
        case "contributions":
            return [line for way in ("contribute", "read_and_put") for line in _contributions(way, found)]
        case "referral-loops":
            return list(_referral_loops(found))
        case "measures-fold":
            return list(_measures_fold(found))
        case "measures-lag":
            return [_most("write to figure, embedded", found, "p95_ms", 1000)]
        case "measures-figures":
            return list(_measures_figures(found))
        case "dashboard":
            return list(_dashboard(found))
        case "homes":
            return list(_homes(found))
        case "latency":
            aims = {"p50_ms": None, "p95_ms": 100.0, "p99_ms": None}
            return [
                _line(f"commit to consumer {key[:3]}", f"{found['floor'][key]} ms", f"{found['tandem'][key]} ms",
                      "", "", f"under {aim:g} ms" if aim else "", found["tandem"][key] < aim if aim else None)
                for key, aim in aims.items()
            ]  # fmt: skip
        case "search_growth":
            few, many = (f"{found[key]['per_second']:,.0f}/s" for key in ("few", "many"))
            times = found["times"]
            return [_line("search, 1,000 to many", few, many, f"x{times}", "", "at most x1.5", times <= 1.5)]
        case "load":
            rate = found["tandem"]["per_second"]
            return [_rate(name, found, "2,000/s a core", rate >= 2000), _time_of_one("load", found["tandem"])]
        case "load-services":
            rate = found["tandem"]["per_second"]
            return [
                _line("load, services", "", f"{rate:,}/s", "", "", "2,000/s a core", rate >= 2000),
                _time_of_one("load, services", found["tandem"]),
                _line("its PostgreSQL", "", f"{found['tandem']['postgresql_cpu_us_each']} µs", "", "", "", None),
            ]
    aim = _RATIOS.get(name)
    return [_rate(name, found, f"{aim:.2f} of its floor" if aim else "", found["ratio"] >= aim if aim else None)]


def _time_of_one(what: str, said: dict[str, float]) -> str:
    """Processor time of a record, which a busy neighbour disturbs less than the rate."""
    each = said["cpu_us_each"]
    return _line(f"{what}: processor", "", f"{each} µs", "", "", "under 500 µs", each < 500)


def _contributions(way: str, found: dict[str, Any]) -> Iterator[str]:
    """Of 20 organisations that edit one plan: `floor` is the time one write takes, `Tandem` writes a second."""
    said = found[way]
    what = f"{found['organisations']} organisations, {way.replace('_', ' ')}"
    kept = said["lost"] == 0 and said["failed"] == 0
    yield _line(what, f"p95 {said['p95_ms']} ms", f"{said['per_second']}/s", "", "", "nothing lost", kept)


def _referral_loops(found: dict[str, Any]) -> Iterator[str]:
    """Without a floor: two services, a broker and two databases take part in each."""
    for spell in (name for name in found if name.startswith("at_once_")):
        said, many = found[spell], spell.removeprefix("at_once_")
        yield _line(f"referrals, {many} at once", "", f"{said['per_second']}/s", "", "", "none lost", said["lost"] == 0)
        for name in ("request_to_task", "completed_to_closed"):
            yield _most(f"{name.replace('_', ' ')}, {many}", said[name], "p95_ms", 300)
    yield _most("message", found["message"], "p90_ms", 100)


def _measures_fold(found: dict[str, Any]) -> Iterator[str]:
    """The floor is the same rows by COPY, without the inbox."""
    floor = f"{found['floor, rows by COPY']['per_second']:,}/s"
    for name in (each for each in found if each.endswith("together")):
        rate = found[name]["per_second"]
        yield _line(f"fold, {name}", floor, f"{rate:,}/s", "", "", "5,000/s", rate >= 5_000)


def _measures_figures(found: dict[str, Any]) -> Iterator[str]:
    """Seconds for all measures over a year; the floor of five is a statement by hand for the same number."""
    seconds, most = found["seconds"], found["aim_seconds"]
    people = f"{found['people']:,} people"
    yield _line(f"all {found['measures']} measures", people, f"{seconds} s", "", "", f"under {most} s", seconds < most)
    if found["postgresql_cpu_seconds"] is not None:
        yield _line("processor time of one session", people, f"{found['postgresql_cpu_seconds']} s", "", "", "", None)
    for name, each in found["beside"].items():
        hand, ours = f"{each['by_hand_ms']} ms", f"{each['tandem_ms']} ms"
        yield _line(name, hand, ours, f"x{each['times']}", "", "at most x1.5", each["times"] <= 1.5)


def _dashboard(found: dict[str, Any]) -> Iterator[str]:
    """What stands as the floor is the first page of each kind, which counts."""
    for page, each in found["pages"].items():
        first, p95, most = f"first {each['first_ms']} ms", each["p95_ms"], found["aim_p95_ms"]
        yield _line(page, first, f"p95 {p95} ms", "", "", f"p95 under {most} ms", p95 < most)


def _homes(found: dict[str, Any]) -> Iterator[str]:
    """What stands as the floor is what one session of PostgreSQL computes for all homes."""
    used, first = f"{found['postgresql_cpu_seconds']['all_homes']} s", found["first_page_of_home_0_ms"]
    most = found["aim_first_ms"]
    yield _line("first page of a home", used, f"{first} ms", "", "", f"under {most} ms", first < most)
    yield _line("that of the next home", "", f"{found['first_page_of_home_1_ms']} ms", "", "", "", None)


def _most(name: str, took: dict[str, float], share: str, most: float) -> str:
    aim = f"{share[:3]} under {most} ms"
    return _line(name, "", f"{share[:3]} {took[share]} ms", "", "", aim, took[share] < most)


def _shared_plan(found: dict[str, Any]) -> Iterator[str]:
    """The floor is on PostgreSQL, and stands beside both."""
    floor = found["postgresql"]["floor"]
    for where in ("embedded", "postgresql"):
        for form in ("bundle", "page"):
            each = found[where][form]
            ratio = round(each["p50_ms"] / floor["p50_ms"], 1)
            name, least = f"shared plan, {where}, {form}", f"p95 {floor['p95_ms']} ms"
            met = each["p95_ms"] < 50
            cpu = f"{each['cpu_ms']} ms"
            yield _line(name, least, f"p95 {each['p95_ms']} ms", f"x{ratio}", cpu, "p95 under 50 ms", met)


def _cohorts(found: dict[str, Any]) -> Iterator[str]:
    """Seconds are of one statement over all people, or of several over ranges of them; the floor is written by hand."""
    people, most = f"{found['people']:,} people", {50_000: 2.0, 1_000_000: 60.0}.get(found["people"])
    for name, engine in found["engines"].items():
        by_hand, ours = f"{engine['ten_by_hand_s']} s", f"{engine['ten_by_definition_s']} s"
        ratio = engine["ratio"]
        yield _line(f"ten rules, {name}", by_hand, ours, f"x{ratio}", "", "at most x1.5", ratio <= 1.5)
        aim, met = (f"under {most:g} s", engine["all_s"] < most) if most else ("", None)
        yield _line(f"all {engine['all_cohorts']}, {name}", people, f"{engine['all_s']} s", "", "", aim, met)
        for how, key in (("by ranges", "all_by_ranges_s"), ("in two sessions", "all_in_two_sessions_s")):
            if key in engine:
                met = engine[key] < most if most else None
                yield _line(f"all {name}, {how}", people, f"{engine[key]} s", "", "", aim, met)
    for name, each in found["one_person"].items():
        p50, p95 = f"p50 {each['p50_ms']} ms", f"p95 {each['p95_ms']} ms"
        yield _line(f"one person, {name}", p50, p95, "", "", "under 50 ms", each["p95_ms"] < 50)


def _rate(name: str, found: dict[str, Any], aim: str, met: bool | None) -> str:
    floor, ours = (f"{found[side]['per_second']:,.0f}/s" for side in ("floor", "tandem"))
    cpu = f"{found['cpu_ratio']:.2f}" if "cpu_ratio" in found else ""
    return _line(name, floor, ours, f"{found['ratio']:.2f}", cpu, aim, met)


def _footprint(name: str, values: dict[str, float]) -> list[str]:
    if name.startswith("floor"):
        return [_line(name, f"{values['ready_s']} s", f"{values['rss_mib']} MiB", "", "", "", None)]
    limit = "ready under 10 s" if name == "embedded" else "under 120 MiB"
    met = values["ready_s"] < 10 if name == "embedded" else values["rss_mib"] < 120
    return [_line(name, f"{values['ready_s']} s", f"{values['rss_mib']} MiB", "", "", limit, met)]


def _line(name: str, floor: str, ours: str, ratio: str, cpu: str, aim: str, met: bool | None) -> str:
    return _LINE.format(name, floor, ours, ratio, cpu, aim, {True: "met", False: "SHORT", None: ""}[met])
