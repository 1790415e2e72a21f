"""For all tests. Its place here makes `sources` importable everywhere below."""
