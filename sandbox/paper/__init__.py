"""The paper that departments write on: files, workbooks, the forms of cells, and all that goes wrong with them."""
