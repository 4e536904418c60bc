//! The calculator, by the cases of its description.

use super::calculate;

fn said(text: &str) -> String {
    calculate(text).unwrap_or_else(|refusal| refusal.to_string())
}

#[test]
fn values_are_rounded_to_cents() {
    for (text, value) in [
        ("152 + 103", "255.0"),
        ("498 * 1.5", "747.0"),
        ("5//2", "2.0"),
        ("-5//2", "-3.0"),
        ("5.0//-2", "-3.0"),
        ("-0.0//5", "-0.0"),
        ("7.5//2", "3.0"),
        ("0.125", "0.12"),
        ("0.375", "0.38"),
        ("2.675", "2.67"),
        ("-0.001", "-0.0"),
        ("2.5", "2.5"),
        ("1/3", "0.33"),
        ("2**-1", "0.5"),
        ("-2**2", "-4.0"),
        ("(-2)**2", "4.0"),
        ("2**3**2", "512.0"),
        ("2**-1**2", "0.5"),
        ("--3", "3.0"),
        ("-+-3", "3.0"),
        ("2*-3", "-6.0"),
        ("2 - 3 - 4", "-5.0"),
        ("100/10*2", "20.0"),
        ("7//2*2", "6.0"),
        ("(1 + 2) * (3 + 4)", "21.0"),
        ("((((5))))", "5.0"),
        ("  1 +   1 ", "2.0"),
        ("12.", "12.0"),
        (".5", "0.5"),
        ("007.5", "7.5"),
        ("000", "0.0"),
        ("10**15", "1000000000000000.0"),
        ("10**16", "1e+16"),
        ("10**22/10**20", "100.0"),
        ("(10**300*10**300)/10**599", "10.0"),
        ("12345678901234567890", "1.2345678901234567e+19"),
        ("9007199254740993 * 3 - 27021597764222970", "9.0"),
        ("0/-5", "-0.0"),
        ("(-8.0)**3", "-512.0"),
        ("0.0**0", "1.0"),
        ("2**0.5", "1.41"),
        ("10.0**300*10.0**300", "inf"),
        ("2 ** 2 //3", "1.0"),
        ("-3 /100 ** +7553 *.5", "-0.0"),
        ("(0) * 4340 **3370", "0.0"),
        ("-114129.375** 3", "-1486593799024058.2"),
    ] {
        assert_eq!(said(text), value, "{text}");
    }
}

#[test]
fn each_failure_has_its_text() {
    for (text, message) in [
        ("two + 2", "invalid characters in expression"),
        ("1\t+1", "invalid characters in expression"),
        ("1e5", "invalid characters in expression"),
        ("1/0", "division by zero"),
        ("1.0/0", "float division by zero"),
        ("1/0.0", "float division by zero"),
        ("1//0", "integer division or modulo by zero"),
        ("1//0.0", "float floor division by zero"),
        ("1.5//0", "float floor division by zero"),
        ("0**-1", "0.0 cannot be raised to a negative power"),
        ("0.0**-2", "0.0 cannot be raised to a negative power"),
        ("10**309", "int too large to convert to float"),
        ("9**9**9", "int too large to convert to float"),
        ("10.0**309", "(34, 'Numerical result out of range')"),
        ("(-8)**0.5", "float() argument must be a string or a real number, not 'complex'"),
        ("(-8)**(1/3)", "float() argument must be a string or a real number, not 'complex'"),
        ("()", "float() argument must be a string or a real number, not 'tuple'"),
        ("2(3)", "'int' object is not callable"),
        ("2 (3) + 1", "'int' object is not callable"),
        ("(1+1)(3)", "'int' object is not callable"),
        ("2.5()", "'float' object is not callable"),
        ("", "invalid syntax (<string>, line 0)"),
        ("   ", "invalid syntax (<string>, line 0)"),
        ("(1+2", "'(' was never closed (<string>, line 1)"),
        ("((1)", "'(' was never closed (<string>, line 1)"),
        ("1+2)", "unmatched ')' (<string>, line 1)"),
        (")", "unmatched ')' (<string>, line 1)"),
        ("1 1", "invalid syntax (<string>, line 1)"),
        ("1+", "invalid syntax (<string>, line 1)"),
        ("*1", "invalid syntax (<string>, line 1)"),
        ("1..", "invalid syntax (<string>, line 1)"),
        ("1.2.3", "invalid syntax (<string>, line 1)"),
        (".", "invalid syntax (<string>, line 1)"),
        ("1 */ 2", "invalid syntax (<string>, line 1)"),
        ("1***2", "invalid syntax (<string>, line 1)"),
    ] {
        assert_eq!(said(text), format!("Error: {message}"), "{text:?}");
    }
    let zeros = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
    assert_eq!(said("007"), format!("Error: {zeros} (<string>, line 1)"));
    assert_eq!(said("1 + 010"), format!("Error: {zeros} (<string>, line 1)"));
}

#[test]
fn the_form_is_judged_before_anything_is_computed() {
    assert_eq!(said("1/0 +"), "Error: invalid syntax (<string>, line 1)");
    assert_eq!(said("2(1/0)"), "Error: division by zero", "what is handed over is computed before the call");
}

#[test]
fn a_text_of_any_shape_is_answered() {
    let deep = |many: usize, open: &str, close: &str| format!("{}1{}", open.repeat(many), close.repeat(many));
    assert_eq!(said(&deep(150, "(", ")")), "1.0");
    assert!(said(&deep(4_000, "(", ")")).starts_with("Error: "));
    assert!(said(&deep(4_000, "2**", "")).starts_with("Error: "));
    assert_eq!(said(&deep(4_000, "-", "")), "1.0");
    assert_eq!(said(&deep(4_000, "1+", "")), "4001.0");
    for text in ["(1 +* 2", "()+1", "...", "(*1)", "()()", "(-8)**0.5+1", "10**400+0.5", "1)(", "9**9**9**9"] {
        assert!(said(text).starts_with("Error: "), "{text}");
    }
}
