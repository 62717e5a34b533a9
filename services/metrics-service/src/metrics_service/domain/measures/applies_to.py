"""What a network or commissioner may say of the lists of people to whom a measure applies (AC-080).

The cohorts of anticipatory care differ from place to place, and who may fall or become delirious with them: the lists
are agreed locally (000 §4.8; 002 AC key 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

_LIST: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SOURCE: Final = "002 AC key 2; AC-080"


def faults_of_setting(
    lists: Sequence[str], first: date, today: date, *, sets_groups: bool
) -> Iterator[tuple[str, str]]:
    """What a setting breaks: the parameter, and words that name the rule and its source."""
    if not sets_groups:
        yield "id", f"This measure is for everybody whom its definition names; it has no lists to set ({_SOURCE})"
    if not lists or any(_LIST.fullmatch(each) is None for each in lists):
        yield "list", f"Name each list of people by the id of its cohort, such as frailty-severe ({_SOURCE})"
    if len(set(lists)) < len(lists):
        yield "list", f"Name each list once ({_SOURCE})"
    if first < today:
        yield "from", f"It holds from today or a later day on: figures of days that have been stand ({_SOURCE})"
