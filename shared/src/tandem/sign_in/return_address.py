"""Where a person goes after signing in: a page of ours, never another site (CWE-601)."""

from __future__ import annotations

import re
from typing import Final

HOME: Final = "/dashboard"
_OURS = re.compile(r"/dashboard(?:[/?][A-Za-z0-9/._~?=&%+:,|*'()!@;$-]*)?")
_LONGEST = 1000


def own_page(asked: str | None) -> str:
    """The address that was asked for, if it is one of our pages, else the first page."""
    if asked is None or len(asked) > _LONGEST or _OURS.fullmatch(asked) is None:
        return HOME
    if ".." in asked or "//" in asked:
        return HOME
    return asked
