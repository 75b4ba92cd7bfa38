"""Rage clicks: several clicks on one thing in short succession, and the page does not answer."""
