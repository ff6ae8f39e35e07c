"""The organisation tree, internal bodies, nameplates, aliases and lineage."""
