"""What a multidisciplinary team is made of, and what it lacks."""
