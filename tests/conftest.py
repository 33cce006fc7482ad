"""One profile for all properties: the same examples in every run, and no time limit on a busy machine."""

from hypothesis import settings

settings.register_profile("house", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("house")
