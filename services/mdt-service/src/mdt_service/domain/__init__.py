"""Rules of tasks; they know no database."""
