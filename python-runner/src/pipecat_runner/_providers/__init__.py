"""The services an assistant can be made of, as tables by name."""
