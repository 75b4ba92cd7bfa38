"""`layout_jump`: a click on something that had just moved."""
