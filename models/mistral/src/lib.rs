//! Local models through mistral.rs.
