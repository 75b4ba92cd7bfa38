"""`field_struggle`: one field, filled in and emptied again and again."""
