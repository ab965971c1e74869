"""The bounds of a spec: far above what people write, far below what hurts."""

MAX_BYTES = 1 << 20  # of a file
MAX_EXTENDED = 64  # files that a spec extends, each counted as often as it is extended
MAX_CHAIN = 8  # specs that extend each other in a row
MAX_EXTENDED_BYTES = 4 << 20  # of all of them together
MAX_DEPTH = 64  # of nested mappings and lists, aliases included
MAX_ALIASED = 10_000  # nodes that come into a spec through aliases and merge keys
MAX_INTEGER = 2**53  # above it JSON, JavaScript and float64 round
MAX_LITERAL = 64  # characters of a number; Python refuses to read 4,300 digits with a traceback
MAX_REPORTED = 20  # findings of one sort; who repeats a mistake 20,000 times needs no list of it
