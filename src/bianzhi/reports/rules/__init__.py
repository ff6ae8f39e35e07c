"""What figures mean and when they give warning: pure rules, no Django."""
