"""What repeats itself: near copies of documents, by MinHash, and boilerplate, by how it recurs over a site. Pure functions of texts."""
