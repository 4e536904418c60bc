//! Results for CI systems.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::results::{CaseResult, Results, Status};

impl Results {
    /// As JUnit XML: a case that did not pass is a failure, one that could not be set up is an error.
    ///
    /// # Errors
    /// If the XML can't be written, which only happens for want of memory.
    pub fn to_junit(&self) -> Result<String, quick_junit::SerializeError> {
        let mut suite = TestSuite::new(self.suite.as_str());
        suite.set_time(duration(self.seconds));
        suite.add_property(("model", self.model.as_str()));
        suite.add_property(("provider", self.provider.as_str()));
        suite.add_property(("policy", self.policy.as_str()));
        suite.add_test_cases(self.cases.iter().map(|case| test_case(&self.suite, case)));
        let mut report = Report::new(self.suite.as_str());
        report.set_time(duration(self.seconds));
        report.add_test_suite(suite);
        report.to_string()
    }
}

fn test_case(suite: &str, case: &CaseResult) -> TestCase {
    let status = if case.passed {
        TestCaseStatus::success()
    } else {
        let not_run = case.status == Status::NotRun;
        let mut status =
            TestCaseStatus::non_success(if not_run { NonSuccessKind::Error } else { NonSuccessKind::Failure });
        status.set_type(case.status.as_str());
        let message = if case.held_out { "held out: not shown".to_owned() } else { case.why.join("; ") };
        status.set_message(message);
        status
    };
    let mut test = TestCase::new(case.name.as_str(), status);
    test.set_classname(format!("{suite}.{}", case.kind));
    test.set_time(duration(case.seconds));
    test
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
