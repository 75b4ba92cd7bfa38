-- Whether an event is a submit or a request that was refused, or got no answer (failing.py).
(
    type = 'submit' AND (subtype = 'invalid' OR ifNull(status = 0 OR status >= 400, false))
    OR type = 'request' AND ifNull(status >= 400 OR $no_answer, false)
)
