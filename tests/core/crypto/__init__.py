"""Tests of keys and ciphertexts."""
