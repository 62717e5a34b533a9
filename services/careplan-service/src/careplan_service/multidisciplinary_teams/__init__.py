"""Teams across organisations that look after many people: what makes one, and who may manage it."""
