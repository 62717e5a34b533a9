"""What is due by when for a request, and whether it was done in time."""
