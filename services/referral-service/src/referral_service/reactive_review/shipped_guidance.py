"""The versions of the guidance on reactive referral that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from referral_service.domain.reactive_review.guidance import Guidance, guidance_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def guidance_versions() -> tuple[Guidance, ...]:
    """The versions of `guidance.yaml`."""
    path = files("referral_service.reactive_review") / "guidance.yaml"
    return guidance_of(load_yaml(path.read_text(encoding="utf-8")))
