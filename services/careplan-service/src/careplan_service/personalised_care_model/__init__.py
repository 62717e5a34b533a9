"""The six components of personalised care, and what is recorded under each of them."""
