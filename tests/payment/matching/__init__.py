"""Whose money it is."""
