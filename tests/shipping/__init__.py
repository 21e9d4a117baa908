"""Labels and tracking."""
