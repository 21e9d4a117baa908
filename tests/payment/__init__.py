"""Money is matched."""
