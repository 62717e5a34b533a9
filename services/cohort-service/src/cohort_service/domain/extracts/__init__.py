"""What an extract for population health holds, and what it must not."""
