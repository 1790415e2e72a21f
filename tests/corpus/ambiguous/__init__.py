"""Sources where any answer would be a guess: discovery must ask for a field, and read exactly once it is given."""
