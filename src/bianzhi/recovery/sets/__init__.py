"""Backup sets: folders that hold one consistent state of the platform, and everything needed to prove it.

    DIR/20261126T210411-full/
        label.json      what the set is: versions, row counts, head of the audit chain, digests of the two below
        label.sig       Ed25519 signature of label.json by the platform's key, which is never in a backup
        database        SQLite file or pg_dump archive
        listing         one line of JSON for every file: path, size, SHA-256, SM3, the set that holds it
        objects/ab/…    the files this set holds, each once, under its SHA-256

Everything but the label is encrypted where a key is given. Nothing here writes to the platform's database.
"""
