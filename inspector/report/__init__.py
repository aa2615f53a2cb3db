"""What leaves the program: the HTML report and the exports, all redacted the same way."""
