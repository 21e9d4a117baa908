"""Documents are issued."""
