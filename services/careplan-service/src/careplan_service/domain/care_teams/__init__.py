"""Who is responsible for a person's care, and how that passes from one to another."""
