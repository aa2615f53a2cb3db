"""What the token kinds read with: markup whose places are known, strict dates, base64, names that differ by spelling only."""
