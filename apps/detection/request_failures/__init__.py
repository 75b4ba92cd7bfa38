"""`request_failures`: the server fails again and again, or once and the person is gone."""
