"""`python -m handlers` is `coding-helper`: what a Procfile runs from the checkout."""

from handlers.terminal import main

main()
