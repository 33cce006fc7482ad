"""Exhibits in words: text alternatives, notes and goals."""
