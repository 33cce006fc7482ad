"""An executed notebook or a hand-written text becomes one page."""
