"""What becomes of a loaded file: one value set, or one for each list that the file tells apart."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.value_set_files import CodeFile, CodeList, as_id
from tandem.nhs.value_set import Refused, ValueSet, checked


@dataclass(frozen=True, slots=True)
class Heading:
    """What the loader says of the whole: `id` and `title` are those of the family when there are several lists."""

    id: str
    version: str
    title: str
    source: str
    group: str | None = None


def value_sets_from(heading: Heading, file: CodeFile) -> tuple[list[ValueSet], list[Refused]]:
    """The value sets of a file, of the codes that can be taken, and every line that cannot, in order.

    A file with one list, or one refset, is the value set `id`. Of a file with several each becomes `id-name`; the
    deficits of a frailty index are a group of that id, to be counted together (see Categories).
    """
    value_sets: list[ValueSet] = []
    refused = list(file.refused)
    for each in file.lists:
        members, faults = checked(each.lines)
        refused += faults
        own = _heading(heading, file, each)
        value_sets.append(ValueSet(own.id, own.version, own.title, own.source, own.group, tuple(members)))
    return value_sets, sorted(refused, key=lambda fault: fault.line)


def _heading(heading: Heading, file: CodeFile, each: CodeList) -> Heading:
    alone = file.told_apart_by is None or (file.told_apart_by == "refsetid" and len(file.lists) == 1)
    if alone:
        return heading
    group = heading.group or (heading.id if file.told_apart_by == "deficit" else None)
    return Heading(
        f"{heading.id}-{as_id(each.name)}", heading.version, f"{heading.title}: {each.name}", heading.source, group
    )
