"""``python -m osteoteach.evidence``: check every table, then write the new hashes."""

from osteoteach.evidence.catalogue import check_all, rewrite_hashes

if __name__ == "__main__":
    print("changed:", ", ".join(rewrite_hashes()) or "nothing")
    for table_name, row_count in check_all().items():
        print(f"{table_name:28} {row_count:5} rows")
