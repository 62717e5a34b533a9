"""Make `tables.json` anew from the metadata of the R4B models: `python -m tandem.fhir.validation.generate`.

R4 and R4B give the types Tandem owns the same elements; where the metadata cuts a code list short, `corrections`
completes it. The models are imported here and nowhere else at start, because importing them is slow and large.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tandem.fhir.body import encode
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem.fhir.validation import corrections

TARGET = Path(__file__).with_name("tables.json")
RESOURCE_TYPES = (*OWNER, *KERNEL_TYPES)

_BASES: dict[str, dict[str, str]] = {
    "Element": {"id": "string", "extension": "Extension*"},
    "BackboneElement": {"id": "string", "extension": "Extension*", "modifierExtension": "Extension*"},
    "Resource": {"id": "id", "meta": "Meta", "implicitRules": "uri", "language": "code"},
    "DomainResource": {
        "id": "id", "meta": "Meta", "implicitRules": "uri", "language": "code", "text": "Narrative",
        "contained": "Resource*", "extension": "Extension*", "modifierExtension": "Extension*",
    },
}  # fmt: skip
_OPEN_TYPES = 50
_PRIMITIVES = {"EncodedBytes": "base64Binary", "UuidVersion": "uuid", "bool": "boolean", "xhtml": "xhtml"}


class _Tables:
    """Collects the types reached from the resource types, keyed by their FHIR path."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.open: list[str] = []
        self._seen: dict[str, Any] = {}

    def add(self, path: str, model: Any) -> None:
        if path in self.types:
            return
        base = next(name for name in reversed(_BASES) if name in {one.__name__ for one in model.__mro__})
        elements: dict[str, str] = {}
        self.types[path] = {"base": base, "elements": elements}
        choices: dict[str, list[str]] = {}
        required: set[str] = set()
        for name, field in _elements_of(model):
            if name in _BASES[base]:
                continue
            kind, nested, marks = self._kind(path, name, model, field)
            extra = field.json_schema_extra or {}
            group = extra.get("one_of_many")
            if kind in corrections.ONLY_R4B_CHOICES.get(f"{path}.{group}[x]", ()):
                continue
            element = f"{path}.{group}[x]" if group else f"{path}.{name}"
            self._bind(element, kind, extra)
            if group:
                choices.setdefault(group, []).append(kind)
                required |= {group} if extra["one_of_many_required"] else set()
            else:
                elements[name] = kind + marks
            if nested is not None:
                self.add(kind, nested)
        for group, kinds in choices.items():
            elements[f"{group}[x]"] = self._choice(f"{path}.{group}[x]", kinds) + ("!" if group in required else "")

    def _choice(self, element: str, kinds: list[str]) -> str:
        more = corrections.ONLY_R4_CHOICES.get(element, ())
        kept = [kind for kind in (*kinds, *more) if kind not in corrections.ONLY_R4B_CHOICES.get(element, ())]
        if element == "Extension.value[x]":
            self.open = sorted(kept)
        return "*" if len(kept) == _OPEN_TYPES else "|".join(kept)

    def _kind(self, path: str, name: str, model: Any, field: Any) -> tuple[str, Any, str]:
        repeats = "List[" in str(field.annotation)
        must = field.is_required() or bool((field.json_schema_extra or {}).get("element_required"))
        marks = ("!" if must else "") + ("*" if repeats else "")
        nested = _model_of(field.annotation)
        if nested is None:
            return _primitive(field.annotation), None, marks
        if f"{path}.{name}" in corrections.SIMPLE_QUANTITIES:
            return "SimpleQuantity", None, marks
        if nested.__module__ != model.__module__:
            return nested.__resource_type__, nested if nested.__name__ != "Resource" else None, marks
        return self._path_of(path, name, nested), nested, marks

    def _path_of(self, path: str, name: str, nested: Any) -> str:
        # An item within an item is the same type again (a content reference); it keeps the path it was met under first.
        for known, holder in self._seen.items():
            if holder is nested:
                return known
        self._seen[f"{path}.{name}"] = nested
        return f"{path}.{name}"

    def _bind(self, element: str, kind: str, extra: dict[str, Any]) -> None:
        targets = corrections.TARGETS.get(element, extra.get("enum_reference_types", ["Resource"]))
        if kind == "Reference" and targets != ["Resource"]:
            self.targets[element] = " ".join(sorted(targets))
        codes = corrections.CODES.get(element, extra.get("enum_values"))
        if codes and element not in corrections.NOT_REQUIRED:
            assert "+" not in codes, f"{element}: complete its codes in corrections"
            self.codes[element] = " ".join(codes)


def _elements_of(model: Any) -> list[tuple[str, Any]]:
    fields = model.model_fields.items()
    named = {field.alias or name: field for name, field in fields if not name.endswith("__ext")}
    return [(name, named[name]) for name in model.elements_sequence() if name in named]


def _model_of(annotation: Any) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    found = re.search(r"abc\.(\w+)Type\b", str(annotation))
    return get_fhir_model_class(found.group(1)) if found else None


def _primitive(annotation: Any) -> str:
    text = str(annotation)
    if "Xhtml" in text:
        return "xhtml"
    found = re.search(r"\b(EncodedBytes|UuidVersion|Url)\(", text) or re.search(r", (\w+)\(", text)
    name = found.group(1) if found else "bool"
    assert found or "bool" in text, text
    return _PRIMITIVES.get(name, name[0].lower() + name[1:])


def tables() -> dict[str, Any]:
    """The tables as JSON: types by path, codes, concepts and reference targets by element."""
    import fhirkit
    from fhir.resources.R4B import get_fhir_model_class

    made = _Tables()
    for name in RESOURCE_TYPES:
        made.add(name, get_fhir_model_class(name))
    for path in ("Extension", "Narrative", "Meta"):
        made.add(path, get_fhir_model_class(path))
    made.add("SimpleQuantity", get_fhir_model_class("Quantity"))
    # A SimpleQuantity has no comparator at all (sqty-1).
    made.types["SimpleQuantity"]["elements"].pop("comparator")
    made.codes.pop("SimpleQuantity.comparator", None)
    resources = sorted(fhirkit.RESOURCE_TYPES)
    abstract = ["DomainResource", "Resource"]
    made.codes |= {key: " ".join([*resources, *abstract]) for key in corrections.NAMES_OF_RESOURCES}
    every = [*corrections.DATA_TYPES, *resources, *abstract, "Any", "Type"]
    made.codes |= {key: " ".join(every) for key in corrections.NAMES_OF_TYPES}
    bound = corrections.CONCEPTS.items()
    concepts = {key: {"system": system, "codes": " ".join(codes)} for key, (system, codes) in bound}
    return {
        "release": "4.0.1", "resources": " ".join(resources), "open": " ".join(made.open), "bases": _BASES,
        "types": made.types, "codes": made.codes, "concepts": concepts, "targets": made.targets,
    }  # fmt: skip


def text_of(value: dict[str, Any]) -> str:
    """The tables as text, one type or element a line, so that a change shows as a small difference."""
    lines = []
    for key, item in value.items():
        if not isinstance(item, dict):
            lines.append(f'"{key}":{encode(item).decode()}')
            continue
        rows = ",\n".join(f'"{name}":{encode(row).decode()}' for name, row in sorted(item.items()))
        lines.append(f'"{key}":{{\n{rows}\n}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text_of(tables()), encoding="utf-8")
