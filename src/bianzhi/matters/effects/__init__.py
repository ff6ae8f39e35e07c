"""What a 机构编制 matter (P07–P10) does to the register once it is decided, by the services of the apps below."""
