//! An agent that is killed at any moment loses nothing that it has said to be written.

use agent::history::Past;
use target_programs::{Build, Program, Running, Variant, releases};

use crate::remembering::Remembering;

const LIVES: u64 = 32;
const WRITTEN: &str = "gostat_agent_history_looks_total{outcome=\"written\"}";

#[test]
fn what_was_said_to_be_written_is_there_however_the_agent_ends() {
    let build = Build::amd64(Program::Many, *releases().unwrap().last().unwrap(), Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start(&built, &["30"]).unwrap();
    let mut agent = Remembering::start();
    let (mut random, mut looks, mut lives_with_looks) = (u64::from(running.pid()) | 1, 0, 0);
    for life in 0..LIVES {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // So many answers later, which is anywhere between two of its writes, or in one, or before the first: every other
        // life sees one.
        let mut said = 0;
        while life % 2 == 1 && said == 0 {
            said = agent.metric(WRITTEN);
        }
        said = (0..random % 150).fold(said, |_, _| agent.metric(WRITTEN));
        agent.kill();
        let past = Past::open(&agent.file()).unwrap();
        let (found, problems) = past.checked().unwrap();
        assert_eq!(problems, Vec::<String>::new(), "life {life}");
        assert!(found >= looks + said, "life {life}: {looks} and {said} were written, and {found} are there");
        lives_with_looks += u64::from(said > 0);
        looks = found;
        agent.start_again();
    }
    assert!(lives_with_looks >= LIVES / 2, "{lives_with_looks}: it never came to writing");
    // All lives are one history of one process.
    let answer = agent.history(&[&running.pid().to_string(), "--since", "1d", "--marks"]);
    assert_eq!(answer["processes"].as_array().unwrap().len(), 1, "{answer:#}");
    let starts = answer["marks"].as_array().unwrap().iter().filter(|mark| mark["kind"] == "agent_start");
    // The first one was before the process was seen.
    assert!(starts.count() as u64 + 1 >= lives_with_looks, "{answer:#}");
}
