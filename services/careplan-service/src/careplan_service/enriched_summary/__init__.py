"""The enriched summary of a person who consented to it."""
