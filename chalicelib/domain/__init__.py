"""What an order is, pure and free of I/O."""
