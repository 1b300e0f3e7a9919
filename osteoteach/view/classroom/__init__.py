"""A class that votes: the students' page and its server, and the instructor's panel."""
