//! Prompts as minijinja templates.
