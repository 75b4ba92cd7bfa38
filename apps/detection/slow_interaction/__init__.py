"""`slow_interaction`: an input that the page took long to show."""
