"""The durable record of contributions, reviews, accounts and releases.

SQLite by default (``ledger.sqlite`` in the home folder), PostgreSQL by the setting ``ledger``.
What `Ledger.writing` has left without an error is on disk. History is append-only: the database
itself refuses to change or remove an event.
"""
