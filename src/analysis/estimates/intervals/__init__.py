"""Confidence intervals of counts, weighted sums and survival, and exact tests."""
