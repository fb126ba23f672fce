"""How files are written, by whatever part of the program."""
