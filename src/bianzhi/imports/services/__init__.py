"""Taking a file in, checking it, writing what it says into the register."""
