"""What the text formats share: encodings, blocks of lines, pieces, folding, and the assembly of a batch."""
