"""The mind: understands questions, finds answers, puts them into words, remembers what was asked. It knows no Slack."""
