"""Payment providers in memory, and how ours speak to them."""
