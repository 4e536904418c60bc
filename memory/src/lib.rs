//! Journals: in process and in SQLite.
