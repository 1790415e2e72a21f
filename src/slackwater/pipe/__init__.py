"""The frames and their codec: all that the two sides of the fence share."""
