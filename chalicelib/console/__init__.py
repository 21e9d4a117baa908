"""The merchant's and the customer's pages."""
