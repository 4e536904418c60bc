//! `cancel_reservation`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::payment::history;
use crate::{
    amount::Amount,
    desk::Operation,
    json::written_record,
    refusal::{Fields, Refusal, record},
    tables::Draft,
    world::Done,
};

pub(super) struct CancelReservation;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Cancellation {
    /// Which one, such as "ZFA04Y".
    reservation_id: String,
}

impl Operation for CancelReservation {
    const NAME: &'static str = "cancel_reservation";
    const DESCRIPTION: &'static str = "Cancel the whole reservation.";
    const EFFECT: Effect = Effect::Once;
    type Args = Cancellation;

    fn perform(args: Cancellation, draft: &mut Draft<'_>) -> Done {
        let reservation = draft.reservation(&args.reservation_id).cloned();
        let mut reservation = reservation.ok_or_else(|| Refusal::new("reservation not found"))?;
        let payments = history(&mut reservation)?;
        let refunds = payments.iter().map(refund).collect::<Result<Vec<_>, _>>()?;
        payments.extend(refunds);
        reservation.insert("status".to_owned(), "cancelled".into());
        let text = written_record(&reservation);
        draft.put_reservation(&args.reservation_id, reservation);
        Ok(text)
    }
}

fn refund(payment: &Value) -> Result<Value, Refusal> {
    let payment = record(payment)?;
    let (id, amount) = (payment.field("payment_id")?, Amount::read(payment.field("amount")?)?);
    Ok(json!({ "payment_id": id, "amount": amount.negated().to_value()? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::testing::{Airline, difference};

    #[test]
    fn payments_are_given_back_on_paper_and_the_user_is_not_touched() {
        let mut airline = Airline::new();
        let text = airline.does::<CancelReservation>(json!({"reservation_id": "R1"})).unwrap();
        let history = r#""payment_history": [{"payment_id": "gift_card_1", "amount": 300}, {"payment_id": "credit_card_1", "amount": 0}, {"payment_id": "gift_card_1", "amount": -300}, {"payment_id": "credit_card_1", "amount": 0}]"#;
        assert!(text.contains(history), "{text}");
        assert!(text.ends_with(r#""insurance": "no", "status": "cancelled"}"#), "{text}");
        assert_eq!(difference(&airline)["users"], json!({}));

        let again = airline.does::<CancelReservation>(json!({"reservation_id": "R1"})).unwrap();
        assert!(again.contains(r#"{"payment_id": "gift_card_1", "amount": -300}, {"payment_id": "credit_card_1", "amount": 0}, {"payment_id": "gift_card_1", "amount": -300}, {"payment_id": "credit_card_1", "amount": 0}, {"payment_id": "gift_card_1", "amount": 300}"#), "{again}");
    }

    #[test]
    fn an_unknown_reservation_is_refused() {
        let refused = Airline::new().refuses::<CancelReservation>(json!({"reservation_id": "R9"}));
        assert_eq!(refused, "Error: reservation not found");
    }
}
