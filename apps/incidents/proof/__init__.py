"""Proofs: a file that shows, without Irk's databases, that an incident had to open."""
