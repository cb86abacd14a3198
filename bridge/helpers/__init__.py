"""Help requests from a counter to the people in the hall."""
