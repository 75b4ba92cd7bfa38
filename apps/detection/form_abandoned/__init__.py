"""`form_abandoned`: a form that somebody began to fill in and left without sending it."""
