"""Step 4, documents are issued."""
