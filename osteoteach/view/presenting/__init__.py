"""Prepared sessions: lists of scenarios, stepped through on a projector and voted on."""
