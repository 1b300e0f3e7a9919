"""Answers in words, as a clinician would write them."""
