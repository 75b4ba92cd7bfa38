"""Error clicks: a click that makes the page throw, or its request fail."""
