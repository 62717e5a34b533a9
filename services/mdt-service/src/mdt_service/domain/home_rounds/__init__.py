"""Rules of the weekly home round (000 §3.16 requirement 6)."""
