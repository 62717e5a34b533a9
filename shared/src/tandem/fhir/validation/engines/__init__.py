"""The structural engines: each says what is wrong with a resource's structure, in our words."""
