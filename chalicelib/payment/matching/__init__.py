"""Whose money it is: bank transactions are assigned to the orders that wait for them."""
