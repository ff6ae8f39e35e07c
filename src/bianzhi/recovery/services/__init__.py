"""What backup and recovery write into the register: that it was done, by whom, with what result."""
