"""How many live after a childhood cancer, now and later."""
