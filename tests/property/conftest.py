from __future__ import annotations

from hypothesis import settings

# Shared machines stall: a slow example is no fault of the code, so no test is timed.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
