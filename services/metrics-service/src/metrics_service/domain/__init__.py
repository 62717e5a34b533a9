"""Rules of what is counted, and of who is shown how much; they know no database."""
