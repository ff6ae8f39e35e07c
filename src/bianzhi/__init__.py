"""编制通: an information platform for China's establishment offices."""

__version__ = "0.1.0"
