//! Which builds the tests look at: few in every run, all in the long one.

use crate::build::Build;
use crate::error::TargetError;
use crate::program::Program;
use crate::release::GoRelease;
use crate::variant::Variant;

/// The newest release that the tests know.
pub const NEWEST: GoRelease = GoRelease::new(27, 4);

/// The newest patch of every other minor release: what changed in between changed at one of these.
const CI: [GoRelease; 5] =
    [GoRelease::new(19, 13), GoRelease::new(21, 13), GoRelease::new(23, 12), GoRelease::new(25, 14), NEWEST];

/// The minor releases in between.
const BETWEEN: [GoRelease; 4] =
    [GoRelease::new(20, 14), GoRelease::new(22, 12), GoRelease::new(24, 13), GoRelease::new(26, 11)];

/// What every release is built with: with and without symbols, at a fixed place and not.
const EVERY_RELEASE: [Variant; 3] = [Variant::Plain, Variant::PieStripped, Variant::CgoPieStripped];

/// The releases to test with: of every second minor, or of all of them with `GOSTAT_TEST_RELEASES=all`, or the ones
/// that this variable names (`1.23.4,1.27.0`).
///
/// # Errors
/// When the variable names something that is no release.
pub fn releases() -> Result<Vec<GoRelease>, TargetError> {
    let wanted = std::env::var("GOSTAT_TEST_RELEASES").unwrap_or_default();
    let mut releases: Vec<GoRelease> = match wanted.as_str() {
        "" => CI.to_vec(),
        "all" => CI.iter().chain(&BETWEEN).copied().collect(),
        named => named.split(',').map(str::parse).collect::<Result<_, _>>()?,
    };
    releases.sort();
    Ok(releases)
}

/// The releases to test leaks with: as [`releases`], but without a wish only the oldest and the newest.
///
/// # Errors
/// As [`releases`].
pub fn leak_releases() -> Result<Vec<GoRelease>, TargetError> {
    let mut releases = releases()?;
    if std::env::var_os("GOSTAT_TEST_RELEASES").is_none_or(|wanted| wanted.is_empty()) {
        let ends = [releases.first().copied(), releases.last().copied()];
        releases.retain(|&release| ends.contains(&Some(release)));
    }
    Ok(releases)
}

/// The builds of `program` to test with, on both architectures.
///
/// Every release is built in a few ways; the oldest and the newest in every way, as everything that a way of building
/// changed was there with both, or changed with a release that the few ways show. With `GOSTAT_TEST_RELEASES=all`, every
/// release is built in every way.
///
/// # Errors
/// As [`releases`].
pub fn matrix_of(program: Program) -> Result<Vec<Build>, TargetError> {
    let releases = releases()?;
    let long = std::env::var_os("GOSTAT_TEST_RELEASES").is_some_and(|wanted| wanted == "all");
    let ends = [releases.first().copied(), releases.last().copied()];
    let mut builds = Vec::new();
    for &release in &releases {
        for variant in Variant::ALL {
            let everywhere = EVERY_RELEASE.contains(&variant) || variant == program.plainest_variant();
            if long || everywhere || ends.contains(&Some(release)) {
                builds.push(Build::amd64(program, release, variant));
            }
        }
        for variant in [Variant::Plain, Variant::PieStripped] {
            if long || variant == Variant::Plain && ends.contains(&Some(release)) {
                builds.push(Build::arm64(program, release, variant));
            }
        }
    }
    builds.retain(Build::exists);
    Ok(builds)
}

/// All builds to test with: `states` in every way, the other programs in the plainest; those about leaks by the
/// oldest and the newest release only, unless all are asked for.
///
/// # Errors
/// As [`releases`].
pub fn matrix() -> Result<Vec<Build>, TargetError> {
    let mut builds = matrix_of(Program::States)?;
    for program in Program::ALL {
        if program == Program::States {
            continue;
        }
        let releases = if program.is_about_leaks() { leak_releases()? } else { releases()? };
        for release in releases {
            builds.push(Build::amd64(program, release, program.plainest_variant()));
            if program == Program::Cgo {
                builds.push(Build::amd64(program, release, Variant::CgoPieStripped));
            }
        }
    }
    builds.retain(Build::exists);
    Ok(builds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::Architecture;

    #[test]
    fn every_program_and_variant_is_tested_and_nothing_twice() {
        let builds = matrix().unwrap();
        for program in Program::ALL {
            assert!(builds.iter().any(|build| build.program == program), "{program:?}");
        }
        for variant in Variant::ALL {
            assert!(builds.iter().any(|build| build.variant == variant), "{variant:?}");
        }
        assert!(builds.iter().any(|build| build.architecture == Architecture::Arm64));
        let distinct: std::collections::HashSet<&Build> = builds.iter().collect();
        assert_eq!(distinct.len(), builds.len());
    }
}
