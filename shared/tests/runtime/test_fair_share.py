"""Shares of organisations: one that takes too much is told so, and takes nothing from the others."""

from __future__ import annotations

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.runtime.fair_share import FairShare


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def refused(shares: FairShare, organisation: str) -> FhirError:
    with pytest.raises(FhirError) as caught:
        shares.take(organisation)
    assert caught.value.kind is Kind.THROTTLED
    return caught.value


def test_so_many_at_once_and_the_others_are_not_touched() -> None:
    shares = FairShare(at_once=2)
    shares.take("A81001")
    shares.take("A81001")
    assert refused(shares, "A81001").headers == {"Retry-After": "1"}
    shares.take("B82002")
    shares.give_back("A81001")
    shares.take("A81001")
    refused(shares, "A81001")


def test_a_burst_then_the_rate_and_the_wait_is_what_it_takes() -> None:
    seconds = Seconds()
    shares = FairShare(rate=2, burst=3, now=seconds)
    for _ in range(3):
        shares.take("A81001")
        shares.give_back("A81001")
    assert refused(shares, "A81001").headers == {"Retry-After": "1"}
    shares.take("B82002")
    seconds.now += 0.5
    shares.take("A81001")
    refused(shares, "A81001")
    seconds.now += 3600
    for _ in range(3):
        shares.take("A81001")
    refused(shares, "A81001")


def test_who_is_refused_uses_nothing_up() -> None:
    seconds = Seconds()
    shares = FairShare(at_once=1, rate=1, burst=1, now=seconds)
    shares.take("A81001")
    seconds.now += 1
    refused(shares, "A81001")
    shares.give_back("A81001")
    shares.take("A81001")
    shares.give_back("A81001")
    seconds.now += 0.25
    assert refused(shares, "A81001").headers == {"Retry-After": "1"}


def test_no_limit_is_no_limit() -> None:
    shares = FairShare()
    for _ in range(10_000):
        shares.take("A81001")
