"""Whatever goes wrong, the end is the calm end."""
