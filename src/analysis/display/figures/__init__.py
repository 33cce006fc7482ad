"""Tables of estimates become figures with their numbers, notes and text alternative."""
