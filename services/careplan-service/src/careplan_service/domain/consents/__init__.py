"""What a Consent of these categories says, and how it moves."""
