"""Rules of the duty register."""
