"""`zoom_struggle`: a page zoomed again and again."""
