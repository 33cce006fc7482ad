"""From an edition to its published folder: what must be done, doing it, and the record of it."""
