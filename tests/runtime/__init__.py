"""What every function needs to run."""
