"""Step 7, goods and money come back."""
