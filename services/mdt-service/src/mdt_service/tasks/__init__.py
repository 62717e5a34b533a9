"""Tasks: what a provider system posts, and what another service asks for."""
