"""Files, written whole or not at all, and the text that the pages have in common."""
