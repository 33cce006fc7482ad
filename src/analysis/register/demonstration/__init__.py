"""The invented cohort, drawn from published figures."""
