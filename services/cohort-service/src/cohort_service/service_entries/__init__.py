"""Plans and budgets that careplan-service keeps, and activation scores, each with the service that caused it."""
