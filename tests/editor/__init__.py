"""The editor, as the tests start it."""
