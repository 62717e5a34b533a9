"""Tandem's own library: what the five services have in common, and nothing of any one of them."""
