"""What every page of the platform is made of: access, day shown, menu, tabs, lists, forms, search, exports."""
