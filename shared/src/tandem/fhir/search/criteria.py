"""What a query asks of a resource: one criterion for each name and value, all of which must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tandem.fhir.search.emit import NHS_NUMBER
from tandem.fhir.search.folding import bounded
from tandem.fhir.search.parameters import ANY, PARAMETERS, SearchParameter
from tandem.fhir.search.references import is_of_type, reference_code
from tandem.fhir.search.refusal import Refused, invalid, listed, shown
from tandem.fhir.search.values import (
    TokenValue,
    Value,
    alternatives,
    code_value,
    date_value,
    number_value,
    quantity_value,
    reference_text,
    string_value,
    token_value,
    uri_value,
)  # fmt: skip

MOST_VALUES = 100
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of `values` must hold. `modifier` is empty or one that the parameter declares; `missing` has no values
    but `wanted`."""

    parameter: SearchParameter
    modifier: str
    values: tuple[Value, ...]
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class NhsNumber:
    """The reference is to the patient with one of these NHS numbers, or names that number itself."""

    parameter: SearchParameter
    values: tuple[TokenValue, ...]


@dataclass(frozen=True, slots=True)
class Chained:
    """The reference is to a `target` for which `inner` holds."""

    parameter: SearchParameter
    target: str
    inner: Criterion


@dataclass(frozen=True, slots=True)
class Reverse:
    """A resource of the parameter's type refers here by `parameter`, and `inner` holds for it."""

    parameter: SearchParameter
    inner: Criterion


Condition = Criterion | NhsNumber | Chained | Reverse


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads criteria on one type. `kept` are the types of this service, `base` its FHIR base URL."""

    type_name: str
    kept: frozenset[str]
    base: str | None

    def condition(self, name: str, text: str) -> Condition:
        """The condition of one name and value. Raises Refused."""
        if name.startswith("_has:"):
            return self._reverse(name, text)
        if "." in name:
            return self._chained(name, text)
        return self.criterion(self.type_name, name, text)

    def criterion(self, type_name: str, name: str, text: str) -> Criterion:
        """A criterion without a chain. Raises Refused."""
        base_name, _, modifier = name.partition(":")
        parameter = find(type_name, base_name)
        target = modifier if modifier and parameter.points_to(modifier) and modifier in PARAMETERS else ""
        if modifier and not target and modifier not in parameter.modifiers:
            raise _modifier_refused(parameter, modifier)
        if modifier == "missing":
            if text not in ("true", "false"):
                raise invalid(f"{base_name}:missing is true or false")
            return Criterion(parameter, "missing", (), text == "true")
        return Criterion(parameter, "" if target else modifier, self._values(parameter, modifier, target, text))

    def _values(self, parameter: SearchParameter, modifier: str, target: str, text: str) -> tuple[Value, ...]:
        parts = alternatives(text)
        if len(parts) > MOST_VALUES:
            raise Refused(f"{parameter.name} has more than {MOST_VALUES} values", code="too-costly", ignorable=False)
        try:
            return tuple(value for part in parts for value in self._value(parameter, modifier, target, part))
        except Refused as refused:
            raise Refused(f"{parameter.name}: {refused.texts[0]}", code=refused.code, ignorable=False) from None

    def _value(self, parameter: SearchParameter, modifier: str, target: str, text: str) -> list[Value]:
        if not text:
            raise invalid("a value is empty")
        if modifier in ("text", "exact", "contains"):
            return [string_value(text, modifier)]
        match parameter.kind:
            case "reference" if modifier == "identifier":
                return [token_value(text)]
            case "reference":
                return [TokenValue(None, bounded(code)) for code in self._codes(parameter, target, text)]
            case "token" | "contact":
                return [token_value(text)]
            case "code" | "deceased":
                return [code_value(text)]
            case "date" | "updated":
                return [date_value(text)]
            case "number":
                return [number_value(text)]
            case "quantity":
                return [quantity_value(text)]
            case "string":
                return [string_value(text, "")]
            case _:
                return [uri_value(text)]

    def _codes(self, parameter: SearchParameter, target: str, text: str) -> list[str]:
        plain = reference_text(text)
        if "/" in plain or ":" in plain:
            code = reference_code(plain, self.base)
            if code is None:
                raise invalid("a reference to a contained resource cannot be searched for")
            if target and not is_of_type(code, target):
                raise invalid(f"the value is no reference to {target}")
            return [code]
        if _ID.fullmatch(plain) is None:
            raise invalid("the value is no reference: give Type/id, an id, or a URL")
        types = (target,) if target else tuple(PARAMETERS) if parameter.targets == ANY else parameter.targets
        return [f"{name}/{plain}" for name in types]

    def _chained(self, name: str, text: str) -> Condition:
        left, _, right = name.partition(".")
        if "." in right:
            raise Refused(f"{shown(name)} is chained over more than one reference; one is supported")
        left_name, _, target = left.partition(":")
        parameter = find(self.type_name, left_name)
        if parameter.kind != "reference":
            raise Refused(f"{left_name} is no reference: it cannot be chained")
        if target and not parameter.points_to(target):
            raise Refused(f"{left_name} cannot refer to {shown(target)}; it refers to {listed(parameter.targets)}")
        about_patient = parameter.points_to("Patient") and target in ("", "Patient")
        if right == "identifier" and about_patient and "Patient" not in self.kept:
            return NhsNumber(parameter, _nhs_numbers(left_name, text))
        return Chained(parameter, *self._target(parameter, target, right, text))

    def _target(self, parameter: SearchParameter, target: str, right: str, text: str) -> tuple[str, Criterion]:
        named = (target,) if target else self.kept
        here = [name for name in named if name in self.kept and parameter.points_to(name)]
        if not here:
            raise Refused(f"{parameter.name} cannot be chained: what it refers to is kept by another service")
        fitting = [name for name in here if right.partition(":")[0] in PARAMETERS[name]]
        if len(fitting) > 1:
            raise Refused(f"{parameter.name} needs the type it is chained to: {listed(fitting)}")
        chosen = (fitting or here)[0]
        return chosen, self.criterion(chosen, right, text)

    def _reverse(self, name: str, text: str) -> Reverse:
        parts = name.split(":", 3)
        if len(parts) != 4 or parts[3].startswith("_has") or "." in parts[3]:
            raise Refused(f"{shown(name)} is not of the form _has:Type:reference:parameter")
        if parts[1] not in self.kept:
            raise Refused(f"_has needs a type of this service: {listed(self.kept)}")
        parameter = find(parts[1], parts[2])
        if not parameter.points_to(self.type_name):
            raise Refused(f"{parts[1]}.{parameter.name} does not refer to {self.type_name}")
        return Reverse(parameter, self.criterion(parts[1], parts[3], text))


def find(type_name: str, name: str) -> SearchParameter:
    """The declared parameter. Raises Refused, listing the ones there are."""
    known = PARAMETERS[type_name]
    if name not in known:
        raise Refused(f"{type_name} has no search parameter {shown(name)}; it has {listed(known)}")
    return known[name]


def _modifier_refused(parameter: SearchParameter, modifier: str) -> Refused:
    types = " and the types it refers to" if parameter.kind == "reference" else ""
    valid = listed(parameter.modifiers) + types
    return Refused(f"{parameter.name} has no modifier {shown(modifier)}; it has {valid}")


_NUMBER = re.compile(r"[0-9]{10}")


def _nhs_numbers(name: str, text: str) -> tuple[TokenValue, ...]:
    values = []
    for part in alternatives(text):
        value = token_value(part)
        bare = value.system is None and _NUMBER.fullmatch(value.code or "") is not None
        if value.code is None or not (bare or value.system == NHS_NUMBER):
            raise Refused(f"{name}.identifier can be followed for NHS numbers only: {NHS_NUMBER}|number")
        values.append(TokenValue(NHS_NUMBER, value.code))
    if len(values) > MOST_VALUES:
        raise Refused(f"{name} has more than {MOST_VALUES} values", code="too-costly", ignorable=False)
    return tuple(values)
