"""The demo: an invented firm whose talk of eighteen months is sent through the real pipeline."""
