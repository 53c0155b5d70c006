"""How fast the edge is, beside other programs that do part of its work. README.md tells the method."""
