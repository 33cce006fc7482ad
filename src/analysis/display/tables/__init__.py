"""Tables of estimates become tables of a page."""
