"""From an element's value to rows of the search tables, one maker for each kind of parameter.

Values were validated before; anything of another shape than R4's is passed over, because it cannot be searched for.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.dates import date_range, period_range
from tandem.fhir.search.folding import bounded, fold, pieces
from tandem.fhir.search.index_rows import Sink
from tandem.fhir.search.parameters import SearchParameter
from tandem.fhir.search.references import is_of_type, reference_code

Emit = Callable[[Any, Sink], None]
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
LARGEST = 1.7e308
_PARTS = ("text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "country", "postalCode")


def emitter(parameter: SearchParameter, only: str | None) -> Emit:
    """What stores values of this parameter; `only` is the one type that a reference may point to."""
    if parameter.kind == "reference":
        return _reference(parameter, only)
    return _MAKERS[parameter.kind](parameter.number)


def _system(value: dict[str, Any]) -> str | None:
    system = value.get("system")
    return bounded(system) if type(system) is str else None


def _text(number: int, text: Any, out: Sink) -> None:
    if type(text) is str:
        folded = fold(text)
        if len(folded) <= 250:
            out.strings.append((number, folded, text.replace("\x00", "\ufffd")))
        else:
            first, *rest = pieces(folded)
            out.strings.append((number, first, text.replace("\x00", "\ufffd")))
            out.strings += [(number, piece, "") for piece in rest]


def _coding(number: int, coding: dict[str, Any], out: Sink) -> None:
    code = coding.get("code")
    if type(code) is str:
        out.tokens.append((number, _system(coding), bounded(code)))
    if "display" in coding:
        _text(number, coding["display"], out)


def _token(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        if type(value) is not dict:
            _primitive(number, value, out)
        elif "coding" in value:
            for coding in value["coding"]:
                _coding(number, coding, out)
            _text(number, value.get("text"), out)
        elif "value" in value:
            if type(value["value"]) is str:
                out.tokens.append((number, _system(value), bounded(value["value"])))
            kind = value.get("type")
            if type(kind) is dict:
                _text(number, kind.get("text"), out)
        else:
            _coding(number, value, out)
            _text(number, value.get("text"), out)

    return emit


def _primitive(number: int, value: Any, out: Sink) -> None:
    if type(value) is bool:
        out.tokens.append((number, None, "true" if value else "false"))
    elif type(value) is str:
        out.tokens.append((number, None, bounded(value)))


def _code(number: int) -> Emit:
    return lambda value, out: _primitive(number, value, out)


def _contact(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        # R4 takes `use` for the system, clients mostly send `system`; their value sets share no code.
        if type(value) is not dict or type(value.get("value")) is not str:
            return
        code = bounded(value["value"])
        systems = [system for system in (value.get("system"), value.get("use")) if type(system) is str]
        out.tokens += [(number, system, code) for system in systems or (None,)]

    return emit


def _deceased(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        out.tokens.append((number, None, "false" if value is False else "true"))

    return emit


def _reference(parameter: SearchParameter, only: str | None) -> Emit:
    number, companion = parameter.number, parameter.companion
    takes_patient = parameter.name in ("patient", "subject") and parameter.points_to("Patient")

    def emit(value: Any, out: Sink) -> None:
        if type(value) is not dict:
            _canonical(number, value, out)
            return
        text, identifier, kind = value.get("reference"), value.get("identifier"), value.get("type")
        code = reference_code(text, out.base) if type(text) is str else None
        if code is not None and (only is None or kind == only or is_of_type(code, only)):
            out.tokens.append((number, None, bounded(code)))
        if type(identifier) is not dict or type(identifier.get("value")) is not str:
            return
        if only is not None and kind != only and (kind is not None or (code and not is_of_type(code, only))):
            return
        system = _system(identifier)
        out.tokens.append((companion, system, bounded(identifier["value"])))
        elsewhere = code is None or ":" in code
        if takes_patient and elsewhere and out.resolved_patient and system == NHS_NUMBER:
            out.tokens.append((number, None, out.resolved_patient))

    return emit


def _canonical(number: int, value: Any, out: Sink) -> None:
    if type(value) is str:
        out.tokens.append((number, None, bounded(value)))
        bare, versioned, _ = value.partition("|")
        if versioned:
            out.tokens.append((number, None, bounded(bare)))


def _uri(number: int) -> Emit:
    return lambda value, out: _primitive(number, value, out)


def _string(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        if type(value) is str:
            _text(number, value, out)
        elif type(value) is dict:
            for part in _PARTS:
                found = value.get(part)
                for text in found if type(found) is list else (found,):
                    _text(number, text, out)

    return emit


def _date(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        try:
            if type(value) is str:
                out.dates.append((number, *date_range(value)))
            elif type(value) is dict:
                _period_or_timing(number, value, out)
        except ValueError:
            raise FhirError(Kind.INVALID, "A date or time is not one of FHIR's") from None

    return emit


def _period_or_timing(number: int, value: dict[str, Any], out: Sink) -> None:
    for period in (value, (value.get("repeat") or {}).get("boundsPeriod") or {}):
        found = period_range(period)
        if found is not None:
            out.dates.append((number, *found))
    out.dates += [(number, *date_range(event)) for event in value.get("event", ()) if type(event) is str]


def _clamped(value: Decimal | int) -> float:
    number = Decimal(value)
    return LARGEST if number > LARGEST else -LARGEST if number < -LARGEST else float(number)


def _number(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        if isinstance(value, int | Decimal):
            out.numbers.append((number, _clamped(value), _clamped(value), None, None))

    return emit


def _quantity(number: int) -> Emit:
    def emit(value: Any, out: Sink) -> None:
        if type(value) is not dict:
            return
        ends = [value.get("low"), value.get("high")]
        if ends != [None, None]:
            low, high = (end if type(end) is dict and "value" in end else None for end in ends)
            span = (_clamped(low["value"]) if low else -LARGEST, _clamped(high["value"]) if high else LARGEST)
            _measured(number, span, low or high or {}, out)
        elif isinstance(value.get("value"), int | Decimal):
            point = _clamped(value["value"])
            comparator = str(value.get("comparator", ""))
            span = (-LARGEST if comparator[:1] == "<" else point, LARGEST if comparator[:1] == ">" else point)
            _measured(number, span, value, out)

    return emit


def _measured(number: int, span: tuple[float, float], unit: dict[str, Any], out: Sink) -> None:
    code, shown = unit.get("code"), unit.get("unit")
    if type(code) is str:
        out.numbers.append((number, *span, _system(unit), bounded(code)))
    if type(shown) is str and shown != code:
        out.numbers.append((number, *span, None, bounded(shown)))
    elif type(code) is not str:
        out.numbers.append((number, *span, None, None))


_MAKERS: dict[str, Callable[[int], Emit]] = {
    "token": _token, "code": _code, "contact": _contact, "deceased": _deceased, "uri": _uri, "string": _string,
    "date": _date, "number": _number, "quantity": _quantity,
}  # fmt: skip
