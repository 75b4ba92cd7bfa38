"""`quick_back`: a page that somebody leaves as soon as he has seen it."""
