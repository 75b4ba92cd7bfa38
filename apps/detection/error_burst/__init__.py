"""`error_burst`: one error, thrown again and again while somebody uses the page."""
