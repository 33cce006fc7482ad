"""Functions run in processes of their own, forked from a prepared process or started anew."""
