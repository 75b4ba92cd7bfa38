"""`slow_click`: a click that the page answered late."""
