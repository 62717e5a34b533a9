"""The statement that selects the members of all lists among some people, compiled once for a day and a catalogue."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date

from cohort_service.selection.compile import members_sql
from cohort_service.selection.selection import Selection
from tandem.database.connection import Dialect

_KEPT = 8
_Key = tuple[int, tuple[str, ...], date, Dialect]
# The Selection is kept beside the text, so that its identity is not given to another one meanwhile.
_compiled: OrderedDict[_Key, tuple[Selection, str]] = OrderedDict()


def members_among(selection: Selection, cohorts: Sequence[str], as_of: date, dialect: Dialect) -> str:
    """`members_sql` for people in `$1`."""
    key = (id(selection), tuple(cohorts), as_of, dialect)
    if key not in _compiled:
        _compiled[key] = (selection, members_sql(selection, cohorts, as_of, dialect, scope="people"))
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    return _compiled[key][1]
