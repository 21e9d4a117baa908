"""Shops in memory: they answer our calls as the real ones do, and remember what they were told."""
