"""Whether rates, curves or units differ."""
