"""Step 8, the shop is told what became of its order."""
