"""What is due by when, and what starts, stops and closes it."""
