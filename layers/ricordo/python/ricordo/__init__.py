"""Long-term memory for AI agents. The README draws the house."""
