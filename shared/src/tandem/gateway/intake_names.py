"""Who is who in a load: the id of every entry, and what the references between entries mean.

http://hl7.org/fhir/R4/bundle.html#references and http://hl7.org/fhir/R4/http.html#trules, but with ids that stay the
same when the same load is sent again, so that repeating it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Issue
from tandem.fhir.references import conditional, dangling, replace_references
from tandem.fhir.request import parse_pairs
from tandem.gateway.intake_entries import Entry
from tandem.ids import deterministic_id

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ADDRESS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})$")
NONE, MANY = "", "*"
"""What criteria lead to when it is not exactly one resource."""


def give_ids(entries: Iterable[Entry], organisation: str, found: Mapping[str, str], new: Iterable[str] = ()) -> None:
    """Give every entry its id: that of the resource its criteria find, its own, or one that it always gets.

    `found` maps criteria (`Type?identifier=…`) to the id they lead to. `new` are those that lead to what this load
    itself creates: the first entry with them does it, and further ones find it done.
    """
    to_do = set(new)
    for entry in entries:
        if entry.issues:
            continue
        criteria = own_criteria(entry)
        matched = found.get(criteria, NONE) if criteria else NONE
        if matched == MANY:
            text = "The criteria match more than one resource"
            entry.issues.append(Issue(text, "Bundle.entry.request", "multiple-matches"))
            continue
        if matched:
            entry.resource["id"] = matched
            entry.settled = entry.if_none_exist is not None and criteria not in to_do
            to_do.discard(str(criteria))
        elif "id" not in entry.resource:
            entry.resource["id"] = _named_id(entry) or _made_id(entry, organisation)


def own_criteria(entry: Entry) -> str | None:
    """The criteria of a conditional create or update, as `Type?…`."""
    if entry.if_none_exist:
        return f"{entry.type}?{entry.if_none_exist.removeprefix(f'{entry.type}?').lstrip('?')}"
    if entry.url and "?" in entry.url:
        return f"{entry.type}?{entry.url.partition('?')[2]}"
    return None


def _named_id(entry: Entry) -> str | None:
    if entry.full_url and entry.full_url.startswith("urn:uuid:"):
        name = entry.full_url.removeprefix("urn:uuid:")
        return name if _ID.fullmatch(name) else None
    for address in (entry.url, entry.full_url):
        match = _ADDRESS.search(address.partition("?")[0]) if address else None
        if match is not None and match[1] == entry.type:
            return match[2]
    return None


def _made_id(entry: Entry, organisation: str) -> str:
    named = entry.full_url if entry.full_url and entry.full_url.startswith("urn:") else None
    return deterministic_id(organisation, entry.type, named or encode(entry.resource).decode())


class Names:
    """What names in references stand for: within their own Bundle first, then anywhere in the load."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._own: dict[int, dict[str, str]] = {}
        self._all: dict[str, str] = {}
        for entry in entries:
            if entry.full_url and entry.id is not None:
                name = f"{entry.type}/{entry.id}"
                self._own.setdefault(entry.group, {})[entry.full_url] = name
                self._all.setdefault(entry.full_url, name)

    def fill_in(self, entry: Entry, found: Mapping[str, str]) -> None:
        """Replace names and conditional references; refuse the entry for those that lead nowhere."""
        own = self._own.get(entry.group)
        if not (own or entry.linked):
            return
        if own:
            entry.resource = replace_references(entry.resource, own)
        if self._all and dangling(entry.resource):
            entry.resource = replace_references(entry.resource, self._all)
        for path in dangling(entry.resource):
            entry.issues.append(Issue("This urn: reference names no entry of the load", path, "not-found"))
        names: dict[str, str] = {}
        for path, text in conditional(entry.resource):
            target = found.get(text, NONE)
            if target in (NONE, MANY):
                reason = "no resource" if target == NONE else "more than one resource"
                entry.issues.append(Issue(f"The conditional reference matches {reason}", path, "not-found"))
            else:
                names[text] = f"{text.partition('?')[0]}/{target}"
        if names:
            entry.resource = replace_references(entry.resource, names)


def criteria_of_references(entries: Iterable[Entry]) -> set[str]:
    """The criteria of all conditional references."""
    return {text for entry in entries if entry.linked and not entry.issues for _, text in conditional(entry.resource)}


def criteria_of_entries(entries: Iterable[Entry]) -> dict[str, str]:
    """The criteria of all conditional creates and updates, each with the id that its first entry has without them."""
    found: dict[str, str] = {}
    for entry in entries:
        criteria = own_criteria(entry)
        if criteria and not entry.issues and entry.id is not None:
            found.setdefault(criteria, entry.id)
    return found


class OwnIdentifiers:
    """The identifiers of a load's own resources, for criteria that mean one of them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._ids: dict[tuple[str, str, str], set[str]] = {}
        for entry in entries:
            identifiers = entry.resource.get("identifier")
            for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
                if isinstance(identifier, dict) and not entry.issues and entry.id is not None:
                    key = (entry.type, str(identifier.get("system", "")), str(identifier.get("value", "")))
                    self._ids.setdefault(key, set()).add(entry.id)

    def find(self, criteria: str) -> str | None:
        """The id, MANY, or None when the criteria have to be asked of the owner."""
        kind, _, query = criteria.partition("?")
        try:
            pairs = parse_pairs(query)
        except FhirError:
            return None
        if len(pairs) != 1 or pairs[0][0] != "identifier" or "|" not in pairs[0][1]:
            return None
        system, _, value = pairs[0][1].partition("|")
        ids = self._ids.get((kind, system, value))
        if not ids:
            return None
        return next(iter(ids)) if len(ids) == 1 else MANY
