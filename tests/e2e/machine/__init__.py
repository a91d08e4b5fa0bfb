"""One served house on a disk, a clock and a directory server that tests can have fail."""
