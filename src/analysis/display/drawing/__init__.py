"""The parts of a drawing: canvas, axes, scales, labels, style."""
