"""Reading stack traces: one module per family of languages, one model for all."""
