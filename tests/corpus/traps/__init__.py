"""The traps, a folder each."""
