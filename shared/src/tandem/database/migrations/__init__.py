"""The kernel's own migrations, called by those of each service: no service starts from tables of another."""
