"""What practices are paid for the scheme, what is withheld and taken back (003 appendix 3)."""
