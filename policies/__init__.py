"""What may be said to whom: a pure engine, its gate and its lifecycle."""
