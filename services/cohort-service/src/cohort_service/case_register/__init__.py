"""The case register of a practice: its entries, how it was compiled, and its sign-off with the commissioner."""
