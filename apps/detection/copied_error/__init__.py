"""`copied_error`: the message of an error, copied to look for help."""
