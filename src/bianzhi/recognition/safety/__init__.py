"""What is looked for in a file before anything opens it to be read: damage, locks, bombs, scripts, a second nature."""
