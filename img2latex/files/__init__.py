"""How all parts of the program write and find files."""
