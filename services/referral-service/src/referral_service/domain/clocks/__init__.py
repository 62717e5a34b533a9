"""A clock of a request; it knows no database."""
