"""Who contributed what to a shared plan, and what others may do with it."""
