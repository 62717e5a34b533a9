"""Several organisations write one shared plan at once: what each contributed, kept and shown."""
