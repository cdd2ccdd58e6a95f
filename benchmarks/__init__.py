"""How fast sfrec is beside the least that the same work can cost; `python -m benchmarks --help` says how to run it."""
