"""Survival, hazards and cumulative incidence from event tables."""
