"""The shops' own interfaces: what we ask them and what we tell them."""
