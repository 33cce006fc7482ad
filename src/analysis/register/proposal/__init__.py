"""A first draft of a mapping, and what a mapping makes of an extract."""
