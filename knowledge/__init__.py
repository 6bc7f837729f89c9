"""The shelves: codes, guidance, look-alikes, words and rules. Nothing here has heard of a question or of Slack."""
