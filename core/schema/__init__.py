"""The tables of the four databases. Times are integer milliseconds since 1970, UTC; sealed columns are bytes."""
