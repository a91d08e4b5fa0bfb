"""Backups of a house that is in use, and how a house comes back from them.

A backup is two things in two places: *data* (chat store, archive, desk store, files, checkpoints) and
*keys* (keystore, key files, settings), so that neither opens anything alone. Both are of one moment: see
:mod:`admin.backups.moment`.
"""
