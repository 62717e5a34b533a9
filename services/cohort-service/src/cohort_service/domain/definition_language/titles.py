"""What value sets, groups of them and cohorts are called in a sentence: by their titles, else by their ids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_END_OF_HEAD = re.compile(r"[,:(]|\b(?:about|as|at|besides|by|for|in|of|on|other|that|to|with)\b")
_SINGULAR = ("ss", "is", "us", "diabetes", "lives", "smokes")


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles by id. A group has none of its own: see `titles_of_groups`."""

    value_sets: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    cohorts: Mapping[str, str] = field(default_factory=dict)

    def of_value_sets(self, ids: Sequence[str], joined: str = "or") -> str:
        """`Asthma, Epilepsy or Falls`."""
        titles = [self.value_sets.get(each, each) for each in ids]
        return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} {joined} {titles[-1]}"

    def plural(self, ids: Sequence[str]) -> bool:
        """Whether a verb after `of_value_sets` is in the plural, by the word it agrees with: `Opioid analgesics are`.

        An id is never plural, and no more is a title that is a sentence: `Lives in supported living`.
        """
        title = self.value_sets.get(ids[-1], "")
        head = _END_OF_HEAD.split(title, maxsplit=1)[0].strip().casefold()
        return head.endswith("s") and not head.endswith(_SINGULAR)


def titles_of_groups(groups: Mapping[str, Sequence[str]], value_sets: Mapping[str, str]) -> dict[str, str]:
    """What the titles of all value sets of a group begin with before a colon: `Electronic frailty index: falls`."""
    found = {}
    for group, ids in groups.items():
        beginnings = {value_sets.get(each, "").rpartition(": ")[0] for each in ids}
        if len(beginnings) == 1 and (beginning := beginnings.pop()):
            found[group] = beginning
    return found
