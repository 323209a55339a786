"""Hypothesis without a deadline: other tests run on the same cores."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
