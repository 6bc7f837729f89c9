"""The rules: pure functions from facts to results, each with its source."""
