"""Stages so small that a test can say what comes out of each."""
