"""Any picture -> the model's input. Knows no LaTeX and imports no torch."""

import cv2

# Programs run in parallel by processes: OpenCV's own threads would compete for their cores, and don't survive a fork.
cv2.setNumThreads(1)
