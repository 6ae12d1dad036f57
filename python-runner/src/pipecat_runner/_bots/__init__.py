"""What can be at the other end of a call."""
