"""`python -m modelforge` is the command `modelforge`."""

from modelforge.cli.main import main

main()
