"""Columns of a table become the numbers that a model takes; learned on the training share only."""
