//! Cases, graders and tables: how good an agent is.
