"""`bin/bench engine`: what a tick costs, and that its cost follows new events alone."""
