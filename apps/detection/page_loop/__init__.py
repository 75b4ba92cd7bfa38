"""`page_loop`: a page that comes again and again by itself."""
