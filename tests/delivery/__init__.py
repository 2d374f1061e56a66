"""Passing on the summary of the week."""
