"""What the shop must still be told of an order."""
