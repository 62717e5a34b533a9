"""What follows when a network misses the target of a year."""
