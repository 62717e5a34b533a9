"""The kinds of referral that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from tandem.fhir.body import Resource
from tandem.nhs.referral_kind import ReferralKind, ReferralKinds, referral_kinds_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def referral_kinds() -> ReferralKinds:
    """The kinds of `referral_kinds.yaml`."""
    path = files("tandem.nhs") / "referral_kinds.yaml"
    return referral_kinds_of(load_yaml(path.read_text(encoding="utf-8")))


def kind_of(request: Resource | None) -> ReferralKind | None:
    """The kind that a request claims; None for a record."""
    return None if request is None else referral_kinds().of(request)
