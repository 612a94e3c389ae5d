"""One build of the marts from the lake, and its audit: what went in and came out, under one lock."""
