"""Tests of the explore macros, against an evaluator in plain Python."""
