"""How a person can be written to: language, interpreter, print size, easy read, and other adjustments (DCB1605).

From Patient.communication, the interpreter extensions of FHIR and UK Core, and Flags. A Flag is understood by our own
codes (`NEED_SYSTEM`) or by the terms of the Accessible Information Standard, which all begin with "Requires".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from tandem.canonical import BASE
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds

NEED_SYSTEM: Final = f"{BASE}/CodeSystem/communication-need"
_OWN_TERMS: Final = {
    "large-print": "Requires written information in at least 20 point sans serif font",
    "easy-read": "Requires information in Easy read",
    "interpreter": "Requires interpreter",
}
_POINTS = re.compile(r"at least (\d\d) point", re.IGNORECASE)
_INTERPRETER = ("interpreterRequired", "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired")


def communication_needs(patient: Resource, flags: Iterable[Resource], now: datetime) -> dict[str, Any]:
    """What a letter must respect.

    `language`, `languageName`, `interpreter`, `easyRead`, `points`, `other` (forms that are no print, such as Braille)
    and `adjustments` (what the appointment must allow for). What is not known is left out.
    """
    needs: dict[str, Any] = dict(_language(patient.get("communication") or ()))
    if _needs_interpreter(patient):
        needs["interpreter"] = True
    for term in sorted({term for flag in flags if _counts(flag, now) for term in _terms(flag)}):
        _add(needs, term)
    return needs


def _language(spoken: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    languages = [each for each in spoken if _codes(each)]
    preferred = [each for each in languages if each.get("preferred") is True]
    # Without a preference, whoever speaks English among others can be written to in English.
    english = [each for each in languages if any(code.lower().split("-")[0] == "en" for code in _codes(each))]
    chosen = next(iter(preferred or english or languages), None)
    if chosen is None:
        return
    yield "language", _codes(chosen)[0]
    language = chosen["language"]
    name = language.get("text") or next((each["display"] for each in language["coding"] if each.get("display")), None)
    if name:
        yield "languageName", str(name)


def _codes(communication: dict[str, Any]) -> list[str]:
    codings = (communication.get("language") or {}).get("coding") or ()
    return [str(each["code"]) for each in codings if each.get("code")]


def _needs_interpreter(element: Resource) -> bool:
    nested = [element, *(element.get("communication") or ())]
    return any(_says_interpreter(each) for one in nested for each in one.get("extension") or ())


def _says_interpreter(extension: dict[str, Any]) -> bool:
    if extension.get("url") in _INTERPRETER:
        return extension.get("valueBoolean") is True
    return any(_says_interpreter(each) for each in extension.get("extension") or ())


def _counts(flag: Resource, now: datetime) -> bool:
    end = (flag.get("period") or {}).get("end")
    return flag.get("status") == "active" and (end is None or bounds(str(end))[1] > to_micros(now))


def _terms(flag: Resource) -> Iterator[str]:
    code = flag.get("code") or {}
    codings = code.get("coding") or ()
    own = [_OWN_TERMS[each["code"]] for each in codings
           if each.get("system") == NEED_SYSTEM and each.get("code") in _OWN_TERMS]  # fmt: skip
    said = [str(each["display"]) for each in codings if each.get("display")] + [str(code.get("text") or "")]
    # The same need may stand there as code, display and text.
    yield from (own or [term.strip() for term in said if term.strip().lower().startswith("requires ")])[:1]


def _add(needs: dict[str, Any], term: str) -> None:
    lower, points = term.lower(), _POINTS.search(term)
    if points is not None:
        needs["points"] = max(int(points[1]), needs.get("points", 0))
    elif "easy read" in lower:
        needs["easyRead"] = True
    elif lower.startswith(("requires information", "requires written information")):
        needs.setdefault("other", []).append(term)
    else:
        if "interpreter" in lower:
            needs["interpreter"] = True
        needs.setdefault("adjustments", []).append(term[len("requires ") :])
