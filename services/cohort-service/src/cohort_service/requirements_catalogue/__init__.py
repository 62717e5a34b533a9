"""The requirements of the specifications as a versioned catalogue: read, switched on, changed and added to."""
