"""The paper that departments write on: files, workbooks, the forms of cells, and all that goes wrong with them.

纸面：部门报送用的文件、工作簿、单元格的写法，和其中会出的各种错。
"""
