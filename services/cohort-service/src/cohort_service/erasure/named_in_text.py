"""Whether a text says who somebody is: an order outlives the person's records, so it must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.fhir.body import Resource

_WORD = re.compile(r"[\w'’-]+")
_POSSESSIVE = re.compile(r"['’]s$")
_SPACING = re.compile(r"[\s-]+")


def names_the_person(person: Resource, patient: str, text: str) -> bool:
    """Whether the text has the Patient's id, a name or an identifier of theirs, in whatever case and spacing."""
    said = _words(text)
    for name in _names(person):
        if (wanted := _words(name)) and any(
            said[place : place + len(wanted)] == wanted for place in range(len(said) - len(wanted) + 1)
        ):
            return True
    return any(_stands_in(number, text.casefold()) for number in (patient, *_identifiers(person)))


def _words(text: str) -> list[str]:
    return [_POSSESSIVE.sub("", word.strip("'’-")) for word in _WORD.findall(text.casefold())]


def _names(person: Resource) -> Iterator[str]:
    for name in person.get("name") or ():
        yield from (str(each) for each in (name.get("text"), name.get("family"), *(name.get("given") or ())) if each)


def _identifiers(person: Resource) -> Iterator[str]:
    yield from (str(each["value"]) for each in person.get("identifier") or () if each.get("value"))


def _stands_in(number: str, text: str) -> bool:
    """With or without spaces and hyphens in it, but not as a part of a longer one: an identifier may be short."""
    wanted = r"[\s-]*".join(map(re.escape, _SPACING.sub("", number).casefold()))
    return wanted != "" and re.search(rf"(?<![0-9a-z]){wanted}(?![0-9a-z])", text) is not None
