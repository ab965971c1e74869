"""Judgements on specs that are valid but will be regretted."""
