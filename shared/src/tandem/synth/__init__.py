"""A synthetic primary care network: people who never lived, in records shaped like those of UK Core."""

from tandem.synth.population import generate
from tandem.synth.protagonist import Protagonist
from tandem.synth.summary import Provider, Summary

__all__ = ["Protagonist", "Provider", "Summary", "generate"]
