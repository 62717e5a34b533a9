"""What value sets, groups of them and cohorts are called in a sentence: by their titles, else by their ids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_NOT_A_NAME = re.compile(r"[,:]|\b(?:is|are|lives|smokes|smoked|counted)\b|^(?:found|on|what)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:or|and)\b")
_END_OF_HEAD = re.compile(r"\b(?:about|as|at|besides|by|for|in|of|other|that|to|with)\b")
_SINGULAR = ("ss", "is", "us", "diabetes")


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles by id. A group has none of its own: see `titles_of_groups`."""

    value_sets: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    cohorts: Mapping[str, str] = field(default_factory=dict)

    def of_value_sets(self, ids: Sequence[str]) -> str:
        """`Asthma, Epilepsy or "Mild frailty, confirmed"`: in quotes what would not read as one name."""
        titles = [self._title(each, len(ids) > 1) for each in ids]
        return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} or {titles[-1]}"

    def plural(self, ids: Sequence[str]) -> bool:
        """Whether a verb after `of_value_sets` is in the plural, by the word it agrees with: `Opioid analgesics are`.

        An id and what stands in quotes are singular.
        """
        title = self.value_sets.get(ids[-1], "")
        head = _END_OF_HEAD.split(title, maxsplit=1)[0].strip().casefold()
        return head.endswith("s") and not head.endswith(_SINGULAR) and not _quoted(title, len(ids) > 1)

    def _title(self, identity: str, several: bool) -> str:
        title = self.value_sets.get(identity)
        if title is None:
            return identity
        if _quoted(title, several):
            return f'"{title}"'
        return title[0].lower() + title[1:] if title.startswith(("A ", "An ")) else title


def titles_of_groups(groups: Mapping[str, Sequence[str]], value_sets: Mapping[str, str]) -> dict[str, str]:
    """What the titles of all value sets of a group begin with before a colon: `Electronic frailty index: falls`."""
    found = {}
    for group, ids in groups.items():
        beginnings = {value_sets.get(each, "").rpartition(": ")[0] for each in ids}
        if len(beginnings) == 1 and (beginning := beginnings.pop()):
            found[group] = beginning
    return found


def _quoted(title: str, several: bool) -> bool:
    return bool(_NOT_A_NAME.search(title) or (several and _SEVERAL.search(title)))
