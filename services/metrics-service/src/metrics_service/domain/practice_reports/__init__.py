"""What a practice reports every three months, and how reports are held against each other (003 §3)."""
