"""Files over HTTP: uploaded in pieces, given out to whoever may see them."""
