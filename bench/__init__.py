"""The benchmarks: what an order costs, counted on the local engine and priced as on AWS."""
