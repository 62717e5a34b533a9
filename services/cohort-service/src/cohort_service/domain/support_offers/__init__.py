"""Rules of the directory of support offers: what must be offered, by whom, when, and how it is reached."""
