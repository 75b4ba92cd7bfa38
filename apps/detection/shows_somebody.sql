-- Whether somebody was at the page when an event happened (presence.py).
type NOT IN ('leave', 'error', 'request', 'track')
