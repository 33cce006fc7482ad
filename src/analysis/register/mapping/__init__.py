"""From a registry's columns and codes to those of the data dictionary."""
