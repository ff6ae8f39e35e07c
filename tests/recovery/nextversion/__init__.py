"""What a next version of the product might bring: an app whose second step fails, or not."""
