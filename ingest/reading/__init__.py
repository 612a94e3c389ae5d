"""How a file of any format is read into blocks of raw cells, each with the number of its record."""
