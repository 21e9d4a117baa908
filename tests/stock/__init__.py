"""Units are set aside."""
