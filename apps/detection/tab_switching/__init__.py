"""`tab_switching`: to other tabs and back while filling in a form, as one who is asked for what he does not have."""
