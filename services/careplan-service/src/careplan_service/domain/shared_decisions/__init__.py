"""Decisions that people make together with a professional: which are required in a year, led by whom, with what."""
