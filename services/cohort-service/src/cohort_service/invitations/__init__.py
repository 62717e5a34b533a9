"""Letters that invite people of a list, and what became of the offer to each of them."""
