"""`scroll_thrash`: scrolling to and fro over long ways, as one who does not find what he looks for."""
