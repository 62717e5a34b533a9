"""Cohort definitions as data: value sets with the paragraph they come from, one file a definition."""
