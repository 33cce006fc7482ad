"""Survival where the cancer is the only cause of death, against a life table."""
