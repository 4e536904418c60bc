//! The nouns of Cicerone, the pure planner machine and its driver.
