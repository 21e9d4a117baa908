"""How facts travel."""
