//! `runtime/secret` (Go 1.26 and later, an experiment): what runs inside it is not read.

use target_programs::{Build, GoRelease, Program, Running, Variant};

use crate::gostat::{dump, functions, run};
use crate::targets::NEWEST;

#[test]
fn goroutines_inside_runtime_secret_are_listed_and_not_read() {
    for release in [GoRelease::new(26, 11), NEWEST] {
        for variant in [Variant::Plain, Variant::Stripped] {
            let built = Build::amd64(Program::Secret, release, variant).build().unwrap();
            let running = Running::start(&built, &[]).unwrap();
            let dump = dump(running.pid());
            let goroutines = dump["goroutines"].as_array().unwrap();
            let secret: Vec<_> = goroutines.iter().filter(|found| found["stack_state"] == "secret").collect();
            assert_eq!(secret.len(), 3, "go{release} {variant:?}");
            for goroutine in secret {
                assert_eq!(functions(goroutine), [""; 0]);
                assert_eq!(goroutine["status"], "waiting");
                assert_eq!(goroutine["wait_reason"], "chan receive");
            }
            // Beside them, one that has come out again.
            let public = goroutines.iter().find(|found| functions(found).contains(&"main.afterwards"));
            assert_eq!(public.unwrap()["stack_complete"], true);
            let text = run(&["dump", &running.pid().to_string()]);
            let text = String::from_utf8(text.output).unwrap();
            assert!(!text.contains("main.inside"), "{text}");
        }
    }
}
