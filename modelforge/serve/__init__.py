"""A trained run answers requests over HTTP."""
