"""The structured medication review."""
