//! Programs that work hard are frozen hundreds of times, by every release, and go on as if nothing had happened.

use std::io::{Read, Write};
use std::net::TcpStream;

use process_memory::freeze;
use target_programs::{Build, Program, Running, releases};

use crate::{PATIENT, goes_on, nothing_is_held, permitted};

const TIMES: u32 = 200;

/// Freezes a program over and over, while `load` is put on it; it has to go on.
fn frozen_often(program: Program, load: impl Fn(&mut Running)) {
    for release in releases().unwrap() {
        let build = Build::amd64(program, release, program.plainest_variant());
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let mut running = Running::start(&built, &[]).unwrap();
        let pid = running.pid();
        if !permitted(pid) {
            return;
        }
        let freezing = std::thread::spawn(move || {
            let mut all: Vec<_> =
                (0..TIMES).map(|_| freeze(pid, &PATIENT, |frozen| frozen.threads.len()).unwrap()).collect();
            all.sort_by_key(|done| done.stopped);
            all
        });
        let mut loads = 0;
        while !freezing.is_finished() {
            load(&mut running);
            loads += 1;
        }
        let all = freezing.join().unwrap();
        load(&mut running);
        assert!(nothing_is_held(pid));
        let (median, worst) = (all.get(all.len() / 2).unwrap(), all.last().unwrap());
        println!(
            "{build}: {loads} answers meanwhile; {} threads; stopped {:?}, {:?} at worst",
            median.value, median.stopped, worst.stopped
        );
    }
}

#[test]
fn goroutines_that_live_microseconds() {
    frozen_often(Program::Churn, |churn| assert!(goes_on(churn)));
}

#[test]
fn goroutines_in_every_state() {
    frozen_often(Program::States, |states| {
        assert!(states.ask_text("stack").unwrap().contains("main.chanReceive"));
    });
}

#[test]
fn a_server_with_requests() {
    frozen_often(Program::HttpServer, |server| {
        let address = server.ask_text("address").unwrap();
        for _ in 0..20 {
            let mut connection = TcpStream::connect(&address).unwrap();
            connection.write_all(b"GET /quick HTTP/1.0\r\n\r\n").unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("\r\n\r\nquick"), "{answer}");
        }
    });
}

#[test]
fn goroutines_in_c() {
    frozen_often(Program::Cgo, |cgo| {
        // Both are still in the read(2) that C made: it has not returned.
        let stack = cgo.ask_text("stack").unwrap();
        assert_eq!(stack.matches("\nmain.blockedInC").count(), 2, "{stack}");
    });
}
