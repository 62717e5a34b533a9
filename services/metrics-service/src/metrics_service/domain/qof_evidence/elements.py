"""The elements of the module, and which of them a record is evidence for (ECD-072, PCN-033)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tandem.yaml_text import load_yaml


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of a kind of fact; of these categories alone, where any are named."""

    kind: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class Element:
    """One element with the framework's indicator."""

    id: str
    indicator: str
    title: str
    records: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """The module of a financial year. Not `checked`: its wording was not compared with the framework's guidance."""

    year: str
    title: str
    source: str
    checked: bool
    elements: tuple[Element, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of facts that are evidence for any element."""
        return frozenset(wanted.kind for element in self.elements for wanted in element.records)

    def element_of(self, kind: str, category: str | None) -> Element | None:
        """What a record is evidence for; None for what is evidence for nothing."""
        for element in self.elements:
            for wanted in element.records:
                if wanted.kind == kind and (not wanted.categories or category in wanted.categories):
                    return element
        return None


@cache
def module() -> Module:
    """The module that ships."""
    text = files("metrics_service.domain.qof_evidence").joinpath("elements.yaml").read_text("utf-8")
    shape = load_yaml(text)
    return Module(
        shape["year"], shape["module"], shape["source"], shape["checked"],
        tuple(
            Element(
                each["id"], each["indicator"], each["title"],
                tuple(Wanted(one["kind"], frozenset(one.get("category") or ())) for one in each["records"]),
            )
            for each in shape["elements"]
        ),
    )  # fmt: skip
