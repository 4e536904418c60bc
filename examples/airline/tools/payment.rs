//! Paying.

use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::{
    amount::Amount,
    given::Item,
    refusal::{Fields, Refusal, record},
    tables::{Draft, Record},
};

/// A payment that is offered.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "its schema is what is used; items are kept as they were given")]
pub(super) struct PaymentItem {
    /// An id of the user's payment methods, such as "credit_card_7815826", "gift_card_7815826" or
    /// "certificate_7815826".
    payment_id: String,
    /// How much is paid with it.
    amount: f64,
}

/// Checks each payment of a booking, and what they come to together.
pub(super) fn check(payments: &[Item<PaymentItem>], total: Amount, user: &Record) -> Result<(), Refusal> {
    let mut paid = Amount::ZERO;
    for payment in payments {
        let (id, amount) = (payment.text("payment_id")?, payment.amount("amount")?);
        let Some(method) = user.record("payment_methods")?.get(id) else {
            return Err(Refusal::new(format!("payment method {id} not found")));
        };
        let method = record(method)?;
        let limited = matches!(method.text("source")?, "gift_card" | "certificate");
        if limited && Amount::read(method.field("amount")?)? < amount {
            return Err(Refusal::new(format!("not enough balance in payment method {id}")));
        }
        paid = paid.plus(amount);
    }
    if paid == total {
        return Ok(());
    }
    Err(Refusal::new(format!("payment amount does not add up, total price is {total}, but paid {paid}")))
}

/// Takes the payments of a booking from the user: a gift card keeps the rest, a certificate is gone.
pub(super) fn take(payments: &[Item<PaymentItem>], user: &mut Record) -> Result<(), Refusal> {
    for payment in payments {
        let (id, amount) = (payment.text("payment_id")?, payment.amount("amount")?);
        let methods = methods(user)?;
        let method = methods.get_mut(id).and_then(Value::as_object_mut).ok_or_else(|| Refusal::missing(id))?;
        match method.text("source")? {
            "gift_card" => lower(method, amount)?,
            "certificate" => drop(methods.shift_remove(id)),
            _ => {}
        }
    }
    Ok(())
}

/// Takes what a change of a reservation costs from its user's payment method, and notes it in the reservation. Less
/// than nothing is given back.
pub(super) fn charge(id: &str, price: Amount, reservation: &mut Record, draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let user_id = reservation.text("user_id")?.to_owned();
    let mut user = draft.user(&user_id).cloned().ok_or_else(|| Refusal::missing(&user_id))?;
    let method = methods(&mut user)?.get_mut(id).and_then(Value::as_object_mut);
    let method = method.ok_or_else(|| Refusal::new("payment method not found"))?;
    let source = method.text("source")?.to_owned();
    if source == "certificate" {
        return Err(Refusal::new("certificate cannot be used to update reservation"));
    }
    if source == "gift_card" {
        if Amount::read(method.field("amount")?)? < price {
            return Err(Refusal::new("gift card balance is not enough"));
        }
        lower(method, price)?;
    }
    if !price.is_zero() {
        history(reservation)?.push(json!({ "payment_id": id, "amount": price.to_value()? }));
    }
    draft.put_user(&user_id, user);
    Ok(())
}

/// The payments of a reservation so far.
pub(super) fn history(reservation: &mut Record) -> Result<&mut Vec<Value>, Refusal> {
    reservation
        .get_mut("payment_history")
        .and_then(Value::as_array_mut)
        .ok_or_else(|| Refusal::missing("payment_history"))
}

/// The payment methods of a user.
pub(super) fn methods(user: &mut Record) -> Result<&mut Record, Refusal> {
    user.get_mut("payment_methods").and_then(Value::as_object_mut).ok_or_else(|| Refusal::missing("payment_methods"))
}

fn lower(method: &mut Record, by: Amount) -> Result<(), Refusal> {
    let rest = Amount::read(method.field("amount")?)?.minus(by).to_value()?;
    method.insert("amount".to_owned(), rest);
    Ok(())
}
