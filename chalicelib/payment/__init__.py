"""Step 3, money is matched."""
