"""The mends of the local engine, each against the real engine."""
