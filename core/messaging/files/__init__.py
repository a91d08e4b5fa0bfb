"""Files: uploaded in pieces, read in a sandbox, decided like any text, then shown with their message."""
