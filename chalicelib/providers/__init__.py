"""The interfaces of payment providers: how we pay money back, and ask what was paid."""
