"""The catalogue of support offers that the service ships with."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from cohort_service.domain.support_offers.catalogue import Catalogue, catalogue_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def support_catalogue() -> Catalogue:
    """The catalogue of `catalogue.yaml`."""
    path = files("cohort_service.support_offers") / "catalogue.yaml"
    return catalogue_of(load_yaml(path.read_text(encoding="utf-8")))
