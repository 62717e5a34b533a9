"""Rules of who belongs to a cohort and of how a person is identified; they know no database."""
