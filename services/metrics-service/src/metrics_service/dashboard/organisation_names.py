"""What organisations are called, asked of cohort-service, which keeps them, and kept for ten minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tandem.canonical import ODS_CODE
from tandem.fhir.neighbours import if_it_answers
from tandem.identity.organisations import code_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_KEPT: Final = 600
_AT_ONCE: Final = 50


class OrganisationNames:
    """Names by code. One that is not known, or cannot be asked for just now, is called by its code."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._names: dict[str, tuple[str, float]] = {}

    async def of(self, call: OperationCall, codes: Iterable[str]) -> dict[str, str]:
        """The name of each code."""
        wanted = list(dict.fromkeys(codes))
        old = self._now() - _KEPT
        missing = [code for code in wanted if self._names.get(code, ("", old))[1] <= old]
        for start in range(0, len(missing), _AT_ONCE):
            await self._ask(call, missing[start : start + _AT_ONCE])
        return {code: self._names[code][0] if code in self._names else code for code in wanted}

    async def _ask(self, call: OperationCall, codes: list[str]) -> None:
        named = ",".join(quote(code if "|" in code else f"{ODS_CODE}|{code}", safe="") for code in codes)
        asked = call.kernel.neighbours.searchset("cohort-service", f"Organization?identifier={named}", call.request)
        found = await if_it_answers(asked)
        if found is None:
            return
        names = {code_of(each): str(each.get("name") or code_of(each)) for each in found}
        for code in codes:
            self._names[code] = (names.get(code, code), self._now())
