//! `gostat dump` against `runtime.Stack`: every goroutine, every frame, line and offset.

use target_programs::{Program, Running};

use crate::gostat::{dump_text, for_each};
use crate::traceback::assert_equal;

fn check(programs: &[Program], arguments: &[&str]) {
    for_each(programs, |build, built| {
        let mut running = Running::start(built, arguments).unwrap();
        let ours = dump_text(running.pid());
        let theirs = running.ask_text("stack").unwrap();
        assert_equal(&build.to_string(), build.release.minor, &ours, &theirs);
    });
}

#[test]
fn every_state_of_every_release_and_variant_reads_as_the_runtime_prints_it() {
    check(&[Program::States], &[]);
}

#[test]
fn goroutines_in_c_and_in_go_called_by_c() {
    check(&[Program::Cgo], &[]);
}

#[test]
fn a_go_library_in_a_program_in_c() {
    check(&[Program::CShared], &[]);
}

#[test]
fn an_http_server() {
    check(&[Program::HttpServer], &[]);
}

#[test]
fn many_goroutines() {
    check(&[Program::Many], &["3000"]);
}

#[test]
fn goroutines_that_go_itself_calls_leaked() {
    check(&[Program::Leaked], &[]);
}

#[test]
fn a_synctest_bubble() {
    check(&[Program::Synctest], &[]);
}
