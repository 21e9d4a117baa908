"""Step 2, units are set aside."""
