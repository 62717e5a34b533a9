"""Who works where and what they are called, as a service keeps it from the owner's events."""
