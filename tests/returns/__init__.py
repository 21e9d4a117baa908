"""Goods and money come back."""
