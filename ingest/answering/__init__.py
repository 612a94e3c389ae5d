"""How a department is answered: what was taken in, what was not and why, what to do and by when."""
