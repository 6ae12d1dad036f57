"""What an assistant is made of besides its services."""
