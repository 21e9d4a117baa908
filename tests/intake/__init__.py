"""Orders come in."""
