"""What the desk's pages ask of the rooms below: small Protocols, a file for each subject.

Whoever starts the desk hands over one :class:`web.desk.ports.pages.DeskPages`. Every method is complete in
itself: its own transaction, its own trail row before any text leaves, and typed errors. The values that cross
are those of ``admin.bootstrap.desk``.
"""
