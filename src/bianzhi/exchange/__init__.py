"""The exchange hub: what other departments deliver, what was found in comparing it, what is given back to them."""
