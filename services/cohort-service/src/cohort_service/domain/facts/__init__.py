"""What records say of a person's health, as facts: one module a record type; no database here."""
