"""Vector labels: polygons and points of a file, their classes, and the label map that they become."""
