"""The information that a practice gives before it begins to deliver the scheme (003 appendix 2)."""
