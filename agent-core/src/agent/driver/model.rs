//! Asking the model.

use std::time::Instant;

use super::{Driver, milliseconds};
use crate::{
    agent::{Agent, Update},
    error::{Error, ErrorKind},
    event::Event,
    machine::Action,
    model::{DeltaSink, Model, Request, Sampling},
    policy::Ask,
    run::RunId,
};

pub(in crate::agent) async fn warm_up(agent: &Agent) -> Result<(), Error> {
    let mut machine = agent.machine(RunId::new());
    machine.apply(&Event::RunStarted(Box::new(agent.started("-"))));
    for action in machine.actions() {
        if let Action::Ask { ask, .. } = action {
            let request = Request::new(ask.messages).sampling(Sampling::default().max_tokens(1));
            agent.0.model.respond(&request, &mut DeltaSink::none()).await.map_err(|error| {
                Error::new(ErrorKind::Model, format!("the model could not be warmed up: {error}")).with_source(error)
            })?;
        }
    }
    Ok(())
}

impl Driver {
    pub(super) fn ask_model(&mut self, call: u32, ask: &Ask) {
        let request = self.machine.request(ask);
        let agent = self.agent.clone();
        let updates = self.updates.clone();
        self.models.push(Box::pin(async move {
            let begun = Instant::now();
            let mut deltas = match updates {
                Some(updates) => DeltaSink::new(move |delta| {
                    let _ = updates.unbounded_send(Update::Delta { call, delta });
                }),
                None => DeltaSink::none(),
            };
            match agent.0.model.respond(&request, &mut deltas).await {
                Ok(mut response) => {
                    if response.usage.milliseconds == 0 {
                        response.usage.milliseconds = milliseconds(begun);
                    }
                    Event::ModelAnswered { call, response }
                }
                Err(error) => Event::ModelFailed { call, message: error.to_string() },
            }
        }));
    }
}
