"""What each provider sends to the bank, and what that is made of."""
