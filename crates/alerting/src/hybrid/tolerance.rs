//! What a place in the code tolerates, by what it is for: rules in a table that users can extend.

use serde::{Deserialize, Serialize};

use crate::error::AlertingError;
use crate::observation::CauseKey;
use crate::silence::matches_pattern;

/// The built-in table.
const BUILT_IN: &str = include_str!("tolerance.toml");

/// A class of code that tolerates as much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SemanticClass {
    /// What it is called: `payment`.
    pub name: String,
    /// How far above normal is tolerated, as a share: 0.02 is 2 %.
    pub tolerance: f64,
    /// Routes that belong to it, in lower case, `*` for anything.
    #[serde(default)]
    pub routes: Vec<String>,
    /// Paths of packages that belong to it, likewise.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// What is tolerated somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// The class, or `default`.
    pub class: String,
    /// As a share.
    pub share: f64,
}

/// A table of classes. The first that matches counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerances {
    default: Option<f64>,
    #[serde(default, rename = "class")]
    classes: Vec<SemanticClass>,
}

impl Tolerances {
    /// The built-in table: payment 2 %, cache 5 %, login and search 0.5 %, everything else 5 %.
    ///
    /// # Errors
    ///
    /// None: a test reads it.
    pub fn built_in() -> Result<Tolerances, AlertingError> {
        parse(BUILT_IN)
    }

    /// A table in TOML, looked at before the built-in one.
    ///
    /// # Errors
    ///
    /// What is no such table, or has a tolerance that is no share from 0 to 1.
    pub fn extended(text: &str) -> Result<Tolerances, AlertingError> {
        let (own, built_in) = (parse(text)?, Tolerances::built_in()?);
        let mut classes = own.classes;
        classes.extend(built_in.classes);
        Ok(Tolerances { default: own.default.or(built_in.default), classes })
    }

    /// What is tolerated there. Routes are looked at before packages, in the whole table.
    pub fn of(&self, key: &CauseKey) -> Tolerance {
        let matches = |patterns: &[String], text: &Option<String>| {
            let text = text.as_ref().map(|text| text.to_lowercase());
            text.is_some_and(|text| patterns.iter().any(|pattern| matches_pattern(pattern, &text)))
        };
        let by_route = self.classes.iter().find(|class| matches(&class.routes, &key.route));
        let class =
            by_route.or_else(|| self.classes.iter().find(|class| matches(&class.packages, &key.package)));
        class.map_or_else(
            || Tolerance { class: "default".to_owned(), share: self.default.unwrap_or(0.0) },
            |class| Tolerance { class: class.name.clone(), share: class.tolerance },
        )
    }
}

fn parse(text: &str) -> Result<Tolerances, AlertingError> {
    let table: Tolerances = toml::from_str(text)?;
    let classes = table.classes.iter().map(|class| (class.name.as_str(), class.tolerance));
    for (class, tolerance) in classes.chain(table.default.map(|default| ("default", default))) {
        if !(0.0..=1.0).contains(&tolerance) {
            return Err(AlertingError::Tolerance { class: class.to_owned(), tolerance });
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(package: &str, route: Option<&str>) -> CauseKey {
        CauseKey { package: Some(package.to_owned()), route: route.map(str::to_owned), pool: None }
    }

    #[test]
    fn the_built_in_table_has_the_numbers_of_f40() {
        let table = Tolerances::built_in().unwrap();
        for (package, route, class, share) in [
            ("example.com/shop/payment", None, "payment", 0.02),
            ("main", Some("POST /api/Pay/{id}"), "payment", 0.02),
            ("github.com/redis/go-redis/v9", None, "cache", 0.05),
            ("main", Some("/login"), "login", 0.005),
            ("main", Some("/v1/search"), "search", 0.005),
            ("example.com/cache", Some("/checkout"), "payment", 0.02),
            ("main", None, "default", 0.05),
        ] {
            let found = table.of(&key(package, route));
            assert_eq!((found.class.as_str(), found.share), (class, share), "{package} {route:?}");
        }
    }

    #[test]
    fn own_classes_come_first_and_mistakes_are_named() {
        let own =
            "default = 0.1\n[[class]]\nname = \"video\"\ntolerance = 0.2\npackages = [\"*payment/video\"]\n";
        let table = Tolerances::extended(own).unwrap();
        assert_eq!(table.of(&key("shop/payment/video", None)).class, "video");
        assert_eq!(table.of(&key("shop/payment", None)).class, "payment");
        assert!((table.of(&key("main", None)).share - 0.1).abs() < 1e-9);
        let wrong = "[[class]]\nname = \"video\"\ntolerance = 2\n";
        assert!(Tolerances::extended(wrong).unwrap_err().to_string().contains("video is 2"));
        assert!(Tolerances::extended("[[class]]\nname = \"x\"\ntolerence = 0\n").is_err());
    }
}
