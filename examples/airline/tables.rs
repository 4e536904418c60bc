//! The airline's data: what it was at the beginning, and what has changed since.

use std::sync::Arc;

use serde_json::{Map, Value, json};

/// The fields of one user, reservation or flight, in order.
pub(crate) type Record = Map<String, Value>;

/// Records by id, in the order of the file: of flights it is the order of searches.
pub(crate) type Table = Map<String, Value>;

/// The data as they were at the beginning. No tool ever changes a flight.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) users: Table,
    pub(crate) reservations: Table,
    pub(crate) flights: Table,
}

/// Records that were written since.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Changes {
    pub(crate) users: Table,
    pub(crate) reservations: Table,
}

/// The data as they are, and what one call does to them. It is kept or dropped as a whole.
#[derive(Debug)]
pub(crate) struct Draft<'w> {
    base: &'w Tables,
    earlier: &'w Changes,
    changes: Changes,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.reservations.is_empty()
    }

    /// Adds later ones.
    pub(crate) fn extend(&mut self, later: Changes) {
        self.users.extend(later.users);
        self.reservations.extend(later.reservations);
    }

    /// The difference to the beginning, in the form of the recordings: records that are as they were are left out.
    pub(crate) fn since(&self, base: &Arc<Tables>) -> Value {
        let changed = |now: &Table, then: &Table| -> Table {
            let other = now.iter().filter(|(id, record)| then.get(id.as_str()) != Some(record));
            other.map(|(id, record)| (id.clone(), record.clone())).collect()
        };
        json!({
            "users": changed(&self.users, &base.users),
            "reservations": changed(&self.reservations, &base.reservations),
            "flights": {},
        })
    }
}

impl<'w> Draft<'w> {
    pub(crate) fn new(base: &'w Tables, earlier: &'w Changes) -> Self {
        Self { base, earlier, changes: Changes::default() }
    }

    pub(crate) fn user(&self, id: &str) -> Option<&Record> {
        let records = [&self.changes.users, &self.earlier.users, &self.base.users];
        records.iter().find_map(|table| table.get(id))?.as_object()
    }

    pub(crate) fn reservation(&self, id: &str) -> Option<&Record> {
        let records = [&self.changes.reservations, &self.earlier.reservations, &self.base.reservations];
        records.iter().find_map(|table| table.get(id))?.as_object()
    }

    pub(crate) fn flight(&self, number: &str) -> Option<&'w Record> {
        self.base.flights.get(number)?.as_object()
    }

    /// All flights, in the order in which they are found.
    pub(crate) fn flights(&self) -> impl Iterator<Item = &'w Record> + Clone + use<'w> {
        self.base.flights.values().filter_map(Value::as_object)
    }

    pub(crate) fn put_user(&mut self, id: &str, record: Record) {
        self.changes.users.insert(id.to_owned(), Value::Object(record));
    }

    pub(crate) fn put_reservation(&mut self, id: &str, record: Record) {
        self.changes.reservations.insert(id.to_owned(), Value::Object(record));
    }

    pub(crate) fn into_changes(self) -> Changes {
        self.changes
    }
}
