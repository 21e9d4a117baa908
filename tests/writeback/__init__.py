"""Tests of step 8."""
