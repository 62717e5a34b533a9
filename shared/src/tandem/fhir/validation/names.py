"""Member names as FHIRPath segments: what a client made up gets into an expression only if it is a plain name."""

from __future__ import annotations

import re

UNNAMED = "element"
_plain = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}").fullmatch


def segment_of(name: str) -> str:
    """The segment of a JSON member: `_birthDate` is `birthDate`; a name no element could have is `element`."""
    return name.removeprefix("_") if _plain(name) else UNNAMED
