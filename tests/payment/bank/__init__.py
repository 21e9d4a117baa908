"""Bank statements in every form."""
