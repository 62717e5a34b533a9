"""The terms of a sharing agreement: for which purposes, and which types of data, it opens a record.

An agreement without terms opens the whole record for any purpose. One with terms is kept in the `access` table under a
reason of its own, so that every statement that asks for access can hold the terms against the caller's token:
`agreement|purpose=TREAT|data=CarePlan|data=Patient|`, with `*` for what is not limited (AC-021, PCN-065).
"""

from __future__ import annotations

import re
from typing import Any, Final

from tandem.canonical import AGREEMENT_TERMS
from tandem.fhir.body import Resource
from tandem.identity.caller import Caller

ANY_RECORD: Final = "*"
"""Asked for instead of a type when the whole record is meant."""

_WORD = re.compile(r"[A-Za-z0-9]+")
_WHOLE = "'registered', 'network', 'agreement'"


def terms_of(affiliation: Resource) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The purposes of use and the FHIR types that an agreement names, in its order; empty where it names none."""
    parts: list[dict[str, Any]] = []
    for extension in affiliation.get("extension") or []:
        if extension.get("url") == AGREEMENT_TERMS:
            parts += extension.get("extension") or []
    named = [(part.get("url"), str(part.get("valueCode") or "")) for part in parts]
    return (
        tuple(dict.fromkeys(code for url, code in named if url == "purpose")),
        tuple(dict.fromkeys(code for url, code in named if url == "data")),
    )


def limits_of(affiliation: Resource) -> str:
    """The terms as they stand behind `agreement` in the reason for access; empty when there are none."""
    purposes, types = terms_of(affiliation)
    return limits(purposes, types) if purposes or types else ""


def limits(purposes: tuple[str, ...], types: tuple[str, ...]) -> str:
    """The same for given purposes of use and FHIR types; what is empty is not limited."""
    return "|" + _limits("purpose", purposes) + _limits("data", types)


def _limits(name: str, codes: tuple[str, ...]) -> str:
    # A term that is no code of this form (an empty one, say) is never asked for: it opens nothing, rather than all.
    kept = [code if _WORD.fullmatch(code) else "" for code in codes] or ["*"]
    return "".join(f"{name}={code}|" for code in dict.fromkeys(kept))


def covered(reason: str, caller: Caller, params: list[Any], *, named: str | None, column: str | None = None) -> str:
    """A SQL condition over the column `reason` of `access`: whether the terms cover this caller's purpose and the data.

    The data is of the type `named` (ANY_RECORD: only an agreement about the whole record covers it), or of the type
    that stands in `column`. Values are appended to `params`. A token without a purpose of use meets no named purpose.
    """
    purpose = caller.purpose if caller.purpose and _WORD.fullmatch(caller.purpose) else "-"
    params.append(f"|purpose={purpose}|")
    meets = f"({_holds(reason, quoted('|purpose=*|'))} OR {_holds(reason, f'${len(params)}')})"
    if named is not None:
        params.append(f"|data={named}|")
        data = f"${len(params)}"
    else:
        data = f"'|data=' || {column} || '|'"
    opens = f"({_holds(reason, quoted('|data=*|'))} OR {_holds(reason, data)})"
    return f"({reason} IN ({_WHOLE}) OR ({meets} AND {opens}))"


def quoted(text: str) -> str:
    """A constant of this module as a SQL string."""
    return f"'{text}'"


def _holds(reason: str, part: str) -> str:
    # Both databases have replace(), and unlike LIKE it gives no character a meaning of its own.
    return f"replace({reason}, {part}, '') <> {reason}"
