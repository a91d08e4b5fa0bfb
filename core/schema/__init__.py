"""The tables of the four databases. Times are milliseconds since 1970, UTC; sealed columns are bytes."""
