"""Patient activation before and after social prescribing (000 §5.6; PC-046): the last result before, the last since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds


@dataclass(frozen=True, slots=True)
class Activation:
    """One result of the Patient Activation Measure: `score` 0 to 100, `level` 1 to 4."""

    at: datetime
    score: Decimal
    level: int
    response: str


def activation_of(response: Resource) -> Activation | None:
    """The result that a completed response holds."""
    if response.get("status") not in ("completed", "amended") or not response.get("authored"):
        return None
    answers: dict[str, Any] = {}
    for item in response.get("item") or ():
        for given in item.get("answer") or ():
            answers[str(item.get("linkId"))] = given.get("valueDecimal", given.get("valueInteger"))
    score, level = answers.get("score"), answers.get("level")
    if score is None or level is None:
        return None
    at = from_micros(bounds(str(response["authored"]))[0])
    return Activation(at, Decimal(str(score)), int(level), str(response["id"]))


def before_and_after(
    results: Iterable[Activation], asked: datetime, begun: datetime | None
) -> tuple[Activation | None, Activation | None]:
    """The last result before the link worker began (else before it was asked for), and the last one since."""
    turn = begun or asked
    ordered = sorted(results, key=lambda each: (each.at, each.response))
    before = [each for each in ordered if each.at <= turn]
    after = [each for each in ordered if each.at > turn]
    return (before[-1] if before else None), (after[-1] if after else None)
