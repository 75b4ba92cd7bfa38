"""`repeated_search`: one query after another, and no result that is worth a click."""
