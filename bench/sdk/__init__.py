"""`bin/bench sdk`: what the SDK costs the page it is on."""
