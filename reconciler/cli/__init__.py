"""The command line: each file parses one command, calls the pipeline, renders, and gives the exit code."""

from reconciler.cli.application import main

__all__ = ["main"]
