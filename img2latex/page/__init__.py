"""A page: where its formulas stand, what they and the text around them say."""
