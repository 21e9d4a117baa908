"""Tests: they mirror chalicelib, and their names are the promises."""
