"""`python -m pipelines` is the `groupfunnel` command."""

from pipelines.cli import main

main()
