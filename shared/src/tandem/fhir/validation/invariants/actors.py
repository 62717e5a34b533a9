"""Invariants of people, organisations, groups and lists."""

from __future__ import annotations

from collections.abc import Callable

from tandem.fhir.validation.invariants.rule import Invariant, Node, child, has, nodes, not_both, one_of


def _not_at_home(name: str) -> Callable[[Node], bool]:
    return lambda node: all(item.get("use") != "home" for item in nodes(node, name))


def _on_behalf(node: Node) -> bool:
    if not has(node, "onBehalfOf"):
        return True
    reference = child(node, "member").get("reference")
    # Only a reference that names a type can be judged without following it.
    parts = reference.split("/_history/")[0].split("/") if isinstance(reference, str) else []
    return len(parts) < 2 or not parts[-2][:1].isupper() or parts[-2] == "Practitioner"


def _deleted(node: Node) -> bool:
    return node.get("mode") == "changes" or not any(has(entry, "deleted") for entry in nodes(node, "entry"))


def _dated(node: Node) -> bool:
    return node.get("mode") == "working" or not any(has(entry, "date") for entry in nodes(node, "entry"))


def _members(node: Node) -> bool:
    return not has(node, "member") or node.get("actual") is True


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "Patient.contact": (
        one_of(
            "pat-1",
            "A contact needs a name, telecom, address or organization",
            *("name", "telecom", "address", "organization"),
        ),
    ),
    "Organization": (
        one_of("org-1", "An organization needs an identifier or a name", "identifier", "name"),
        Invariant(
            "org-2",
            "An address of an organization is never of use home",
            _not_at_home("address"),
            ("address",),
        ),
        Invariant(
            "org-3",
            "A telecom of an organization is never of use home",
            _not_at_home("telecom"),
            ("telecom",),
        ),
    ),
    "CareTeam.participant": (
        Invariant("ctm-1", "onBehalfOf can stand only where the member is a Practitioner", _on_behalf, ("onBehalfOf",)),
    ),
    "Group": (Invariant("grp-1", "Only an actual group can have members", _members, ("member",)),),
    "List": (
        not_both("lst-1", "emptyReason", "entry"),
        Invariant("lst-2", "deleted can stand only in a list of mode changes", _deleted, ("entry",)),
        Invariant("lst-3", "date can stand only in a list of mode working", _dated, ("entry",)),
    ),
}
