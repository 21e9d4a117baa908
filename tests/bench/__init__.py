"""What the benchmarks promise of their own arithmetic."""
