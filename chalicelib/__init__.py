"""Kontor: an open, serverless order backend for online merchants."""
