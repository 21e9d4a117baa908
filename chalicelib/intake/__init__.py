"""Step 1, orders come in."""
