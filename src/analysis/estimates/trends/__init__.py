"""Change over calendar years, periods and birth cohorts."""
