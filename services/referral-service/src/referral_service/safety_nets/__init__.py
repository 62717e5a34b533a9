"""Safety nets: what is still open for a person with suspected cancer, until it is answered."""
