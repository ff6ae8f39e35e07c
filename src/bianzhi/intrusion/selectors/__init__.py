"""What the record, the sign-ins and the requests say."""
