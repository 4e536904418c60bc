//! Cicerone.
