//! `send_certificate`.

use cicerone::tool::Effect;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Number, json};

use super::payment::methods;
use crate::{desk::Operation, json::written, refusal::Refusal, tables::Draft, world::Done};

/// The ids that certificates get.
const IDS: [&str; 3] = ["certificate_3221322", "certificate_3221323", "certificate_3221324"];

pub(super) struct SendCertificate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Gift {
    /// Who gets it, such as "sara_doe_496".
    user_id: String,
    /// How much it is worth.
    #[schemars(with = "f64")]
    amount: Number,
}

impl Operation for SendCertificate {
    const NAME: &'static str = "send_certificate";
    const DESCRIPTION: &'static str = "Give a user a certificate, which is money. Be careful!";
    const EFFECT: Effect = Effect::Once;
    type Args = Gift;

    fn perform(args: Gift, draft: &mut Draft<'_>) -> Done {
        let user = draft.user(&args.user_id).cloned();
        let mut user = user.ok_or_else(|| Refusal::new("user not found"))?;
        let methods = methods(&mut user)?;
        let Some(id) = IDS.into_iter().find(|id| !methods.contains_key(*id)) else {
            return Err(Refusal::new(format!("user {} has every certificate that can be sent", args.user_id)));
        };
        let text = format!(
            "Certificate {id} added to user {} with amount {}.",
            args.user_id,
            written(&args.amount.clone().into())
        );
        methods.insert(id.to_owned(), json!({ "source": "certificate", "amount": args.amount, "id": id }));
        draft.put_user(&args.user_id, user);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::testing::{Airline, difference};
    use serde_json::json;

    #[test]
    fn certificates_are_numbered_until_there_are_no_more() {
        let mut airline = Airline::new();
        let mut send =
            |amount: serde_json::Value| airline.does::<SendCertificate>(json!({"user_id": "ada", "amount": amount}));
        let added = |id, amount| Ok(format!("Certificate {id} added to user ada with amount {amount}."));
        assert_eq!(send(json!(50)), added("certificate_3221322", "50"));
        assert_eq!(send(json!(50)), added("certificate_3221323", "50"));
        assert_eq!(send(json!(100.0)), added("certificate_3221324", "100.0"));
        assert!(send(json!(1)).unwrap_err().to_string().starts_with("Error: user ada has every"));
        let methods = difference(&airline)["users"]["ada"]["payment_methods"].clone();
        let last = methods.as_object().unwrap().iter().next_back().unwrap();
        assert_eq!(last.0, "certificate_3221324");
        assert_eq!(last.1.to_string(), r#"{"source":"certificate","amount":100.0,"id":"certificate_3221324"}"#);
    }

    #[test]
    fn an_unknown_user_is_refused() {
        let refused = Airline::new().refuses::<SendCertificate>(json!({"user_id": "eve", "amount": 1}));
        assert_eq!(refused, "Error: user not found");
    }
}
