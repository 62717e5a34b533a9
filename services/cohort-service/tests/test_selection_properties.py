"""Whatever the definitions and the facts: every engine selects whom the plain reading of the criteria selects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_service.selection.compile import excluded_sql, members_sql
from cohort_service.selection.evidence import evidence_of_members_sql
from cohort_service.selection.explain import explain
from tandem_tests.databases import NewDatabase
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.random_cohorts import CROWD, SUBSTANCES, Example, examples
from tandem_tests.reference_evidence import reference_evidence
from tandem_tests.reference_selection import reference_excluded, reference_members
from tandem_tests.selection_engines import Engine, engines, fill

Run = Callable[[Callable[[Engine], Awaitable[None]]], None]


@pytest.fixture(params=["sqlite", "postgresql", "duckdb"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a coroutine on one engine, whose tables stay from one example to the next."""
    if request.param == "duckdb":
        try:
            import duckdb  # noqa: F401
        except ImportError:
            skip_loudly("selection on DuckDB", "the package duckdb is not installed")
        urls = []
    else:
        new: NewDatabase = request.getfixturevalue(f"new_{request.param}_database")
        urls = [new()]
    with asyncio.Runner() as runner:
        opened = engines(urls, duckdb=not urls)
        (engine,) = runner.run(opened.__aenter__())
        yield lambda check: runner.run(check(engine))
        runner.run(opened.__aexit__(None, None, None))


_SETTINGS = settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@_SETTINGS
@given(example=examples())
def test_every_engine_selects_whom_a_plain_reading_selects(run: Run, example: Example) -> None:
    cohorts = list(example.selection.definitions)
    expected = {astuple(m) for m in reference_members(example.selection, SUBSTANCES, example.people, example.as_of)}

    async def check(engine: Engine) -> None:
        await fill(engine, example)
        sql = members_sql(example.selection, cohorts, example.as_of, engine.dialect, scope="everybody")
        assert await engine.rows(sql) == expected

    run(check)


@_SETTINGS
@given(example=examples(), chosen=st.sets(st.integers(1, CROWD + 1)))
def test_some_people_are_selected_as_among_everybody(run: Run, example: Example, chosen: set[int]) -> None:
    cohorts = list(example.selection.definitions)
    everybody = reference_members(example.selection, SUBSTANCES, example.people, example.as_of)
    expected = {astuple(m) for m in everybody if m.person in chosen}

    async def check(engine: Engine) -> None:
        await fill(engine, example)
        sql = members_sql(example.selection, cohorts, example.as_of, engine.dialect, scope="people")
        assert await engine.rows(sql, sorted(chosen)) == expected

    run(check)


@_SETTINGS
@given(example=examples(), first=st.integers(0, CROWD + 1), count=st.integers(0, CROWD))
def test_a_range_of_people_is_selected_as_among_everybody(run: Run, example: Example, first: int, count: int) -> None:
    cohorts = list(example.selection.definitions)
    everybody = reference_members(example.selection, SUBSTANCES, example.people, example.as_of)
    expected = {astuple(m) for m in everybody if first <= m.person <= first + count}

    async def check(engine: Engine) -> None:
        await fill(engine, example)
        sql = members_sql(example.selection, cohorts, example.as_of, engine.dialect, scope="range")
        assert await engine.rows(sql, numbers=(first, first + count)) == expected

    run(check)


@_SETTINGS
@given(example=examples(), chosen=st.none() | st.sets(st.integers(1, CROWD + 1)))
def test_whom_an_exclusion_keeps_out_is_told_with_the_reason(
    run: Run, example: Example, chosen: set[int] | None
) -> None:
    cohorts = list(example.selection.definitions)
    everybody = reference_excluded(example.selection, SUBSTANCES, example.people, example.as_of)
    expected = {row for row in everybody if chosen is None or row[1] in chosen}

    async def check(engine: Engine) -> None:
        await fill(engine, example)
        scope = "everybody" if chosen is None else "people"
        sql = excluded_sql(example.selection, cohorts, example.as_of, engine.dialect, scope=scope)
        assert await engine.rows(sql, None if chosen is None else sorted(chosen)) == expected

    run(check)


@_SETTINGS
@given(example=examples())
def test_evidence_is_what_made_the_criteria_hold(run: Run, example: Example) -> None:
    cohort = f"cohort-{len(example.selection.definitions) - 1}"
    expected = reference_evidence(example.selection, SUBSTANCES, example.people, cohort, example.as_of)

    async def check(engine: Engine) -> None:
        await fill(engine, example)
        sql = evidence_of_members_sql(example.selection, cohort, example.as_of, engine.dialect)
        assert await engine.rows(sql, [person.number for person in example.people]) == expected

    run(check)


@pytest.mark.parametrize("run", ["sqlite", "postgresql"], indirect=True)
@settings(_SETTINGS, max_examples=5)
@given(example=examples())
def test_an_explanation_holds_for_members_alone(run: Run, example: Example) -> None:
    everybody = reference_members(example.selection, SUBSTANCES, example.people, example.as_of)
    members = {(membership.cohort, membership.person) for membership in everybody}

    async def check(engine: Engine) -> None:
        assert engine.connection is not None
        await fill(engine, example)
        for cohort in example.selection.definitions:
            for person in example.people:
                told = await explain(engine.connection, example.selection, cohort, example.as_of, person.number)
                assert told.holds == ((cohort, person.number) in members)

    run(check)
