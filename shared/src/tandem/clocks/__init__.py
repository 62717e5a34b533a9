"""What the clocks of care of several services have in common."""
