"""Bodies: JSON text in, JSON text out, with nothing lost in between.

Decimals are held as `decimal.Decimal` so that `1.50` stays `1.50` (http://hl7.org/fhir/R4/json.html#primitive);
member order and unknown extensions are kept. All bodies of Tandem go through here and nowhere else.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec

from tandem.fhir.outcome import FhirError, Issue, Kind

Resource = dict[str, Any]
"""A FHIR resource as parsed JSON; decimals are `decimal.Decimal`."""

MAX_DEPTH = 64
MAX_ARRAY = 20_000

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_SPACE = b" \t\r\n"
_CONTAINERS = (dict, list)


def encode(value: Any) -> bytes:
    """Compact JSON bytes of a parsed value, decimals written as they were read."""
    return _encoder.encode(value)


def decode(raw: bytes) -> Any:
    """Parse JSON bytes that we wrote ourselves. Raises msgspec.DecodeError when they are not JSON."""
    return _decoder.decode(raw)


def parse(raw: bytes) -> Any:
    """Parse JSON bytes from outside.

    Raises FhirError(MALFORMED) for bytes that are not UTF-8, not JSON, nested deeper than 64, with an array of more
    than 20,000 entries, or with a member that stands twice in one object.
    """
    try:
        value = _decoder.decode(raw)
    except UnicodeDecodeError:
        raise FhirError(Kind.MALFORMED, "The body is not valid UTF-8") from None
    except RecursionError:
        raise _too_deep() from None
    except ArithmeticError:
        raise FhirError(Kind.MALFORMED, "The body holds a number that is too large") from None
    except msgspec.DecodeError as error:
        raise FhirError(Kind.MALFORMED, f"The body is not valid JSON: {_position(str(error))}") from None
    if _may_repeat_members(raw, _count_members(value)):
        _refuse_duplicates(raw)
    return value


def parse_resource(raw: bytes) -> Resource:
    """Parse one resource. Raises FhirError(MALFORMED) also when it is no object or names no `resourceType`."""
    value = parse(raw)
    if not isinstance(value, dict):
        raise FhirError(Kind.MALFORMED, "The body must be a JSON object that holds one FHIR resource")
    if not isinstance(value.get("resourceType"), str):
        raise FhirError(Kind.MALFORMED, "The body has no resourceType", expression="resourceType")
    return value


def parse_again(raw: bytes) -> Resource:
    """Parse one resource that `parse` took before, in another of our processes: what it refuses is not looked for
    again. Raises as `parse_resource` for bytes that are no resource."""
    try:
        value = _decoder.decode(raw)
    except (ValueError, RecursionError, ArithmeticError):
        return parse_resource(raw)
    return value if isinstance(value, dict) and isinstance(value.get("resourceType"), str) else parse_resource(raw)


def _position(message: str) -> str:
    # msgspec quotes no content, only what it expected and the byte; keep it that way.
    return message.removeprefix("JSON is malformed: ")


def _too_deep() -> FhirError:
    return FhirError(Kind.MALFORMED, f"The body is nested deeper than {MAX_DEPTH} levels")


def _may_repeat_members(raw: bytes, members: int) -> bool:
    """Whether JSON text that gave so many members may name one of them twice; it cannot when this is False.

    Every name is followed by a colon, and a quote inside a string is escaped. Whole passes over the bytes take a tenth
    of the time of a regular expression.
    """
    bare = raw.translate(None, _SPACE)
    # A name that ends in a backslash is not counted, so then we look closely.
    return bare.count(b'":') - bare.count(b'\\":') != members or b'\\\\"' in bare


def _count_members(value: Any) -> int:
    members = 0
    level: list[Any] = [value]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                members += len(node)
                below += [child for child in node.values() if type(child) in _CONTAINERS]
            elif type(node) is list:
                if len(node) > MAX_ARRAY:
                    raise FhirError(Kind.MALFORMED, f"An array holds more than {MAX_ARRAY} entries")
                below += [child for child in node if type(child) in _CONTAINERS]
        level = below
    return members


def _refuse_duplicates(raw: bytes) -> None:
    twice: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for name, item in pairs:
            if name in seen:
                twice.append(name)
            seen[name] = item
        return seen

    json.loads(raw, object_pairs_hook=collect, parse_int=str)
    if twice:
        issues = [
            Issue(f"The member {name[:64]!r} stands twice in one object", code="structure") for name in twice[:20]
        ]
        raise FhirError(Kind.MALFORMED, issues=issues)
