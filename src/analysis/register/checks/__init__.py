"""Questions to a registrar: combinations, dates and durations that are unlikely."""
