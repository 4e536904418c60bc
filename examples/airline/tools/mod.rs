//! The fourteen tools of the airline.

mod baggages;
mod book;
mod cancel;
mod certificate;
mod details;
mod flights;
mod passengers;
mod payment;
mod search;
mod segment;
mod talk;
#[cfg(test)]
pub(crate) mod testing;

use cicerone::{Error, tool::AnyTool};

use crate::desk::Desk;

/// The tool whose call ends a conversation.
pub(crate) const LAST: &str = "transfer_to_human_agents";

/// All of them.
pub(crate) fn all() -> Result<Vec<AnyTool>, Error> {
    Ok(vec![
        Desk::<book::BookReservation>::tool()?,
        Desk::<talk::Calculate>::tool()?,
        Desk::<cancel::CancelReservation>::tool()?,
        Desk::<details::GetReservationDetails>::tool()?,
        Desk::<details::GetUserDetails>::tool()?,
        Desk::<details::ListAllAirports>::tool()?,
        Desk::<search::SearchDirectFlight>::tool()?,
        Desk::<search::SearchOnestopFlight>::tool()?,
        Desk::<certificate::SendCertificate>::tool()?,
        Desk::<talk::Think>::tool()?,
        Desk::<talk::TransferToHumanAgents>::tool()?,
        Desk::<baggages::UpdateReservationBaggages>::tool()?,
        Desk::<flights::UpdateReservationFlights>::tool()?,
        Desk::<passengers::UpdateReservationPassengers>::tool()?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use cicerone::tool::Effect;
    use serde_json::json;

    #[test]
    fn models_see_strict_schemas_and_true_effects() {
        let tools = all().unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.spec().name.as_str()).collect();
        assert_eq!(names.len(), 14);
        assert!(names.contains(&LAST) && names.is_sorted());
        let writes: Vec<&str> = tools
            .iter()
            .filter(|tool| tool.spec().effect == Effect::Once)
            .map(|tool| tool.spec().name.as_str())
            .collect();
        assert_eq!(
            writes,
            [
                "book_reservation",
                "cancel_reservation",
                "send_certificate",
                "update_reservation_baggages",
                "update_reservation_flights",
                "update_reservation_passengers"
            ]
        );
        let book = &tools[0].spec().args_schema;
        assert_eq!(book["required"].as_array().unwrap().len(), 11);
        assert_eq!(book["properties"]["cabin"]["enum"], json!(["basic_economy", "economy", "business"]));
        assert_eq!(book["properties"]["total_baggages"]["type"], "integer");
        assert_eq!(book["properties"]["flights"]["items"]["required"], json!(["flight_number", "date"]));
        assert_eq!(book["properties"]["payment_methods"]["items"]["properties"]["amount"]["type"], "number");
    }
}
