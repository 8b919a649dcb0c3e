-- How many transactions have changed records: what readers have seen is told from what they have not.

INSERT INTO counters (name, value) VALUES ('record_commits', 0);
