"""Envelope encryption of single values: ciphers, sealed texts, keys, and an index that finds equal values."""
