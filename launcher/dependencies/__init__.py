"""`./bianzhi dependencies`: are there known holes in what we depend on, may we use it, and what is it made of.

The packages are those of the two lock files, never those that happen to be installed. A run that could not ask about
every one of them fails: an audit that audited nothing must not look like a clean one.
"""
