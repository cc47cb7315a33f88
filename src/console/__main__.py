"""`python -m console` is `llmconsole`."""

from console.cli import main

main()
