"""The shipped catalogue installs whole, and both engines answer the statement of all its cohorts."""

from __future__ import annotations

import logging
from datetime import date

import pytest

from cohort_service.catalogue.current import current_selection
from cohort_service.catalogue.shipped import install_shipped, shipped_texts
from cohort_service.selection.compile import excluded_sql, members_sql
from tandem.database.array_parameters import array
from tandem_tests.small_work import SmallWork

AS_OF = date(2023, 4, 1)
"""On which every shipped definition is in force."""


async def test_everything_installs_and_selects_nobody_of_nobody(
    work: SmallWork, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await install_shipped(work)
    assert caplog.records == []
    selection = await current_selection(work.connection, AS_OF)
    cohorts = sorted(selection.definitions)
    assert cohorts == sorted(name.removesuffix(".yaml") for name in shipped_texts())
    dialect = work.connection.dialect
    for statement in (members_sql, excluded_sql):
        everybody = statement(selection, cohorts, AS_OF, dialect, scope="everybody")
        assert await work.connection.fetch(everybody) == []
        people = statement(selection, cohorts, AS_OF, dialect, scope="people")
        assert await work.connection.fetch(people, array(dialect, [1, 2])) == []
        ranged = statement(selection, cohorts, AS_OF, dialect, scope="range")
        assert await work.connection.fetch(ranged, 1, 2) == []
