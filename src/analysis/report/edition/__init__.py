"""An edition as it is asked for: its file, its chapters and their parameters."""
