"""What must hold for every order and every run, tried on many."""
