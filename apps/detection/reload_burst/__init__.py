"""`reload_burst`: a page that somebody reloads again and again."""
