"""`thrashed_cursor`: a pointer shaken to and fro."""
