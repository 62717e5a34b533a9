"""Which form an answer is asked for in: by `_format`, else by Accept (http://hl7.org/fhir/R4/http.html#mime-type)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import JSON, JSON_TYPES, FhirRequest

HTML: Final = "text/html"
PDF: Final = "application/pdf"
_SHORT: Final = {"json": JSON, "html": HTML, "pdf": PDF}


def chosen_media_type(request: FhirRequest, offered: Sequence[str]) -> str:
    """The one of `offered` that the request wants most; the first of them when it does not say.

    Several values of Accept go by their q, and those of one q in the order they stand in. Raises FhirError 406.
    """
    formats = [value for name, value in request.parameters() if name == "_format"]
    if formats:
        for value in formats:
            # A plus sign that was not encoded reads as a space.
            if (name := _named(value.replace(" ", "+"))) not in offered:
                raise _refused(offered)
        return name
    accept = request.headers.get("accept", "")
    if not accept.strip():
        return offered[0]
    for wanted in _by_preference(accept):
        for each in offered:
            if wanted in (each, "*/*", f"{each.partition('/')[0]}/*"):
                return each
    raise _refused(offered)


def _by_preference(accept: str) -> Iterator[str]:
    weighed = []
    for place, part in enumerate(accept.split(",")):
        name, *parameters = part.split(";")
        weight = _weight(parameters)
        if weight > 0:
            weighed.append((-weight, place, _named(name)))
    return (name for _, _, name in sorted(weighed))


def _weight(parameters: Sequence[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


def _named(text: str) -> str:
    name = text.partition(";")[0].strip().lower()
    return JSON if name in JSON_TYPES and name else _SHORT.get(name, name)


def _refused(offered: Sequence[str]) -> FhirError:
    return FhirError(Kind.NOT_ACCEPTABLE, f"Only {' or '.join(offered)} can be returned")
