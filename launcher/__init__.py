"""What `./bianzhi` does before and around Django. Standard library only: it runs before anything is installed."""
