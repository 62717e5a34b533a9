"""Rules of urgent community response; they know no database."""
