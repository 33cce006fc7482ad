"""Extracts read piece by piece, from files and databases."""
