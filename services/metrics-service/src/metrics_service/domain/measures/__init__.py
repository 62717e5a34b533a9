"""Measures: what is counted, of whom, and what is aimed at."""
