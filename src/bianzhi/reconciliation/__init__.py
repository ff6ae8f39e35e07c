"""The comparing of rosters: reading, linking, finding what differs, recognising what happened. Files in, files out.

Nothing here knows Django or the register: the same code serves the hub (`bianzhi.exchange`) and the command line.
"""
