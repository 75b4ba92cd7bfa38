"""Detection: events become signals. One folder per signal: its definition, its SQL, and a reference in plain Python."""
