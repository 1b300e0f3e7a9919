"""The console command ``osteoteach``."""
