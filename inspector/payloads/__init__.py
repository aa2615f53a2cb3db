"""The kinds of payload that can be found inside an event, in the order in which they are asked."""
