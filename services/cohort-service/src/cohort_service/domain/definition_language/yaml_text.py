"""From text to YAML nodes, which know their lines; no tag constructs anything, and no alias lets a file grow."""

from __future__ import annotations

import yaml
from yaml import AliasEvent, MappingStartEvent, Node, SequenceStartEvent
from yaml.events import CollectionEndEvent, Event

from cohort_service.domain.definition_language.blocks import Notes
from cohort_service.domain.definition_language.faults import Problem

_DEEPEST = 40
# libyaml reads a definition ten times as fast; a build without it has the same rules.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def compose(text: str, notes: Notes) -> Node | None:
    """The root of the one document in `text`, None when a fault was noted."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, (MappingStartEvent, SequenceStartEvent))
            depth -= isinstance(event, CollectionEndEvent)
            if depth > _DEEPEST or isinstance(event, AliasEvent):
                _refuse(event, notes)
                return None
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        notes.problems.append(Problem(notes.file, line, f"this is not YAML: {error.problem}", "one YAML document"))
        return None
    except (yaml.YAMLError, UnicodeError):
        notes.problems.append(Problem(notes.file, 1, "a character that YAML does not know", "text in UTF-8"))
        return None
    if root is None:
        notes.problems.append(Problem(notes.file, 1, "the file is empty", "one definition"))
    return root


def _refuse(event: Event, notes: Notes) -> None:
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, AliasEvent):
        message, allowed = "a reference (*name) to another part of the file", "each criterion written out"
    else:
        message, allowed = "criteria within criteria without end", f"at most {_DEEPEST} levels"
    notes.problems.append(Problem(notes.file, line, message, allowed))
