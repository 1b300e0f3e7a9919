"""What the server does so that a visitor sees dashboards and reaches nothing else."""
