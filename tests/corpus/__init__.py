"""The corpus: pages in pairs, a healthy twin that must give no signal and a broken twin that must give its own.

Both twins of a trap are driven alike, by real input in real Chromium, through SDK, ingest and engine. A new trap is one
folder in `traps/`: `__init__.py` with a `TRAP`, `healthy.html`, `broken.html` (and, where a twin has further pages,
`healthy-….html`, `broken-….html`). `bin/corpus` prints the report.
"""
