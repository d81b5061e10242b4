"""What repeats itself in a corpus: marked by `marking`, and told by `telling`."""
