//! `update_reservation_baggages`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use super::payment::charge;
use crate::{
    amount::Amount,
    desk::Operation,
    json::written_record,
    refusal::{Fields, Refusal},
    tables::Draft,
    world::Done,
};

pub(super) struct UpdateReservationBaggages;

#[derive(Deserialize, JsonSchema)]
pub(super) struct NewBaggages {
    /// Which reservation, such as "ZFA04Y".
    reservation_id: String,
    /// How many bags there are now.
    #[schemars(with = "i64")]
    total_baggages: Number,
    /// How many of them cost extra.
    #[schemars(with = "i64")]
    nonfree_baggages: Number,
    /// What is paid with: an id of the user's payment methods.
    payment_id: String,
}

impl Operation for UpdateReservationBaggages {
    const NAME: &'static str = "update_reservation_baggages";
    const DESCRIPTION: &'static str = "Change the baggage of a reservation.";
    const EFFECT: Effect = Effect::Once;
    type Args = NewBaggages;

    fn perform(args: NewBaggages, draft: &mut Draft<'_>) -> Done {
        let reservation = draft.reservation(&args.reservation_id).cloned();
        let mut reservation = reservation.ok_or_else(|| Refusal::new("reservation not found"))?;
        let before = Amount::read(reservation.field("nonfree_baggages")?)?;
        let more = Amount::of(&args.nonfree_baggages).unwrap_or(Amount::ZERO).minus(before);
        let price = if more > Amount::ZERO { more.times(Amount::Whole(50)) } else { Amount::ZERO };
        charge(&args.payment_id, price, &mut reservation, draft)?;
        reservation.insert("total_baggages".to_owned(), args.total_baggages.into());
        reservation.insert("nonfree_baggages".to_owned(), args.nonfree_baggages.into());
        let text = written_record(&reservation);
        draft.put_reservation(&args.reservation_id, reservation);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::testing::{Airline, difference};
    use serde_json::{Value, json};

    fn args(total: u32, nonfree: Value, payment: &str) -> Value {
        json!({"reservation_id": "R1", "total_baggages": total, "nonfree_baggages": nonfree, "payment_id": payment})
    }

    #[test]
    fn bags_that_are_added_are_paid_for() {
        let mut airline = Airline::new();
        let text = airline.does::<UpdateReservationBaggages>(args(4, json!(3), "gift_card_1")).unwrap();
        assert!(text.contains(
            r#"{"payment_id": "credit_card_1", "amount": 0}, {"payment_id": "gift_card_1", "amount": 100}]"#
        ));
        assert!(text.ends_with(r#""total_baggages": 4, "nonfree_baggages": 3, "insurance": "no"}"#), "{text}");
        assert_eq!(difference(&airline)["users"]["ada"]["payment_methods"]["gift_card_1"]["amount"], json!(400));
    }

    #[test]
    fn fewer_bags_give_nothing_back() {
        let mut airline = Airline::new();
        let text = airline.does::<UpdateReservationBaggages>(args(0, json!(0), "gift_card_1")).unwrap();
        assert!(text.contains(r#"{"payment_id": "credit_card_1", "amount": 0}], "#), "{text}");
        assert_eq!(difference(&airline)["users"], json!({}));
    }

    #[test]
    fn a_float_makes_a_float_of_the_price() {
        let text = Airline::new().does::<UpdateReservationBaggages>(args(4, json!(2.5), "credit_card_1")).unwrap();
        assert!(text.contains(r#"{"payment_id": "credit_card_1", "amount": 75.0}]"#), "{text}");
        assert!(text.contains(r#""nonfree_baggages": 2.5"#), "{text}");
    }

    #[test]
    fn the_payment_is_checked_even_if_nothing_is_to_pay() {
        let mut airline = Airline::new();
        let mut refused = |args| airline.refuses::<UpdateReservationBaggages>(args);
        let unknown = json!({"reservation_id": "R9", "total_baggages": 1, "nonfree_baggages": 1, "payment_id": "x"});
        assert_eq!(refused(unknown), "Error: reservation not found");
        assert_eq!(refused(args(1, json!(1), "gift_card_9")), "Error: payment method not found");
        let certificate = "Error: certificate cannot be used to update reservation";
        assert_eq!(refused(args(1, json!(1), "certificate_1")), certificate);
        assert_eq!(refused(args(20, json!(12), "gift_card_1")), "Error: gift card balance is not enough");
        assert_eq!(difference(&airline), json!({"users": {}, "reservations": {}, "flights": {}}));
    }
}
