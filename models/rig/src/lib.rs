//! Models of any provider that rig-core speaks to.
