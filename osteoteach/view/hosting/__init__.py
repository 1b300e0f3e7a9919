"""Serving a whole class from one computer: kernels, room, health and logs."""
