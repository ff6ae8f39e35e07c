"""The unit page with its tree, and the forms by which its structure changes."""
