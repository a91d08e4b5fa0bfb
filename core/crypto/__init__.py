"""Keys and ciphertexts: the only door to the ``cryptography`` library."""
