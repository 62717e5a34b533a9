"""Why a part of a query is refused, while the rest is still being looked at."""

from __future__ import annotations

from collections.abc import Iterable


class Refused(Exception):
    """One name or value of a query cannot be honoured; `ignorable` says whether lenient handling may leave it out.

    Texts name parameters, never the values that were asked for: those can identify a person.
    """

    def __init__(self, *texts: str, code: str = "not-supported", ignorable: bool = True) -> None:
        self.texts = texts
        self.code = code
        self.ignorable = ignorable
        super().__init__(texts[0])


def invalid(text: str) -> Refused:
    """A value that cannot be read: refused in lenient handling too."""
    return Refused(text, code="invalid", ignorable=False)


def shown(name: str) -> str:
    """A client's name in an error: short and quoted."""
    return repr(name[:64])


def listed(names: Iterable[str]) -> str:
    """The valid names, for an error."""
    return ", ".join(sorted(names)) or "none"
