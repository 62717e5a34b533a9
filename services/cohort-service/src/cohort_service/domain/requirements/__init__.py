"""Rules of the requirement catalogue."""
