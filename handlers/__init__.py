"""The doors: they know Slack and the terminal, and no codes."""
