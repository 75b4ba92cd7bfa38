"""ClickHouse's engine (chDB) behind ClickHouse's native TCP protocol.

One thread and one engine session per connection; blocks travel as the bytes they arrived in. The layers, bottom up:
`wire` (bytes), `native_format` (where a block ends), `packets` (what client and server say), `statement` (what a query
text asks for), `engine` (chDB), `insert`, `settings` and `watch`, `connection` (one client), `listener` (all of them).
"""
