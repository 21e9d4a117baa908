"""What an order is."""
