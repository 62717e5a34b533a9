"""What a network is entitled to, what it may claim, and what it earns (000 §1.14, §1.15; 004 §8, §26, §30, §31)."""
