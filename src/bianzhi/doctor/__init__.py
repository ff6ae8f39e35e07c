"""体检: whether a deployment stands as it should, checked in words a system administrator can act on."""
