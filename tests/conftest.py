"""Hypothesis profiles: HYPOTHESIS_PROFILE picks one, and where CI is set `ci` is the default."""

import os

from hypothesis import settings

pytest_plugins = ["tests.contract.fidelity"]

settings.register_profile("dev", max_examples=50, deadline=None)
# Derandomized: a red CI must be red again on the next run.
settings.register_profile("ci", max_examples=300, deadline=None, derandomize=True)
settings.register_profile("torture", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
