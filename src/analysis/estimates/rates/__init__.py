"""Incidence rates: crude, cumulative and standardised, directly and indirectly."""
