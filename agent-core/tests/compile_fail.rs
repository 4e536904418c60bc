//! The mistakes of newcomers, and what the compiler tells them: each error says what to write.
//!
//! After a change, `TRYBUILD=overwrite cargo test -p cicerone-core --test compile_fail` writes the `.stderr` files
//! anew; read them before you keep them.

#[test]
fn mistakes_in_tools_say_what_to_write() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
