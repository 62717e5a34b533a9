"""The rows of facts: the dictionary of codes, the one row writer, the follower that keeps them in step with records."""
