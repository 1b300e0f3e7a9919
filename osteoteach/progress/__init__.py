"""What a learner answered: kept safely, shown again, handed in.

`osteoteach.progress.store` is the door. It imports nothing heavy, so a dashboard may import
it before its first chart; SQLAlchemy is loaded at the first answer that is kept or read.
"""
