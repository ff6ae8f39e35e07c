"""One text of SQL for two engines: the restricted dialect, and the engines that run it."""
