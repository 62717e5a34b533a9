"""What a network is entitled to, claims, earns and receives."""
