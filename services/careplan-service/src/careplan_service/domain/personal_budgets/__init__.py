"""Personal health budgets: whom they are promoted or offered to, and what was agreed."""
