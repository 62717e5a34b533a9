"""Statements over some people, compiled once for a day and a catalogue."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date

from cohort_service.selection.compile import members_sql
from cohort_service.selection.evidence import evidence_of_members_sql
from cohort_service.selection.selection import Selection
from cohort_service.selection.statement import Scope
from tandem.database.connection import Dialect

_KEPT = 256
"""Statements: two for the members of all lists, and one for the evidence of each, of a few catalogues and days."""
# The Selection is kept beside the text, so that its identity is not given to another one meanwhile.
_compiled: OrderedDict[Hashable, tuple[Selection, str]] = OrderedDict()


def members_among(
    selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect, *, scope: Scope
) -> str:
    """`members_sql`."""
    return _kept(
        selection, ("members", tuple(cohorts), as_of, dialect, scope),
        lambda: members_sql(selection, cohorts, as_of, dialect, scope=scope),
    )  # fmt: skip


def evidence_among(selection: Selection, cohort: str, as_of: date, dialect: Dialect) -> str:
    """`evidence_of_members_sql`."""
    return _kept(
        selection, ("evidence", cohort, as_of, dialect),
        lambda: evidence_of_members_sql(selection, cohort, as_of, dialect),
    )  # fmt: skip


def _kept(selection: Selection, what: tuple[Hashable, ...], compiled: Callable[[], str]) -> str:
    key = (id(selection), *what)
    if key not in _compiled:
        _compiled[key] = (selection, compiled())
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    _compiled.move_to_end(key)
    return _compiled[key][1]
