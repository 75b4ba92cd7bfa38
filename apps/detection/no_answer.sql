-- Whether a request got no answer, and should have (failing.py).
(status = 0 AND position(message, '://') = 0)
