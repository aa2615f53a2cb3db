"""The kinds of token that can be found and decoded, in the order in which they are asked."""
