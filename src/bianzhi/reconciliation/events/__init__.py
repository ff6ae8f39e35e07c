"""What happened to people between two months, recognised from what four departments changed."""
