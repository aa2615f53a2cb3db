"""Why a token was refused: lines of reasoning over the events, each with its evidence."""
