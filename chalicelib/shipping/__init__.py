"""Step 5, labels and tracking."""
