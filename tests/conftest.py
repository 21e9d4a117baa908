"""What all tests share: quick properties, and one local engine for whoever needs AWS."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# `quick` tries the same examples on every machine; `HYPOTHESIS_PROFILE=deep` looks for new ones.
_COMMON = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("quick", max_examples=50, derandomize=True, **_COMMON)
settings.register_profile("deep", max_examples=2000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
