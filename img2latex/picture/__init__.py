"""Whatever is handed over becomes the model's input. Knows no LaTeX and imports no torch."""
