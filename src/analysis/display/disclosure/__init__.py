"""What may be told: small counts, and what they could be computed from, are withheld."""
